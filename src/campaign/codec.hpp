#pragma once

#include "campaign/beyond.hpp"
#include "core/codec.hpp"
#include "evaluation/sweep.hpp"
#include "topology/weights.hpp"

namespace deepfog {

void put_weights(Encoder& encoder, const Weights& weights);
void put_beyond(Encoder& encoder, const BeyondResult& result);
/// At the end of what is encoded: nothing at all for a network without exits, as before there were any.
void put_exits(Encoder& encoder, const ExitCounts& exits);

/// Throw Failure when sizes and values do not fit together.
Weights get_weights(Decoder& decoder);
BeyondResult get_beyond(Decoder& decoder);
ExitCounts get_exits(Decoder& decoder);

}  // namespace deepfog
