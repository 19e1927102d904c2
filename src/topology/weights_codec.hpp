#pragma once

#include "core/codec.hpp"
#include "topology/weights.hpp"

namespace deepfog {

void put_weights(Encoder& encoder, const Weights& weights);

/// Throws Failure if sizes and values are inconsistent.
Weights get_weights(Decoder& decoder);

/// Reads weights that must have the names and shapes of `expected`. Throws Failure for any others.
Weights get_weights_like(Decoder& decoder, const Weights& expected);

}  // namespace deepfog
