#pragma once

#include "campaign/beyond.hpp"
#include "core/codec.hpp"
#include "topology/weights.hpp"

namespace deepfog {

void put_weights(Encoder& encoder, const Weights& weights);
void put_beyond(Encoder& encoder, const BeyondResult& result);

/// Throw Failure when sizes and values do not fit together.
Weights get_weights(Decoder& decoder);
BeyondResult get_beyond(Decoder& decoder);

}  // namespace deepfog
