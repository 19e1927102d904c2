#pragma once

#include "campaign/large_diagram.hpp"
#include "core/codec.hpp"
#include "evaluation/sweep.hpp"
#include "topology/weights.hpp"

namespace deepfog {

void put_large_diagram(Encoder& encoder, const LargeDiagramResult& result);
/// Exits and bits of the samples, at the end of what is encoded: nothing at all where there are none, as
/// before there were any.
void put_detail(Encoder& encoder, const SweepCounts& counts);

/// Throw Failure when sizes and values do not fit together.
LargeDiagramResult get_large_diagram(Decoder& decoder);
void get_detail(Decoder& decoder, SweepCounts& counts);

}  // namespace deepfog
