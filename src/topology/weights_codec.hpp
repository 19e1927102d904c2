#pragma once

#include "core/codec.hpp"
#include "topology/weights.hpp"

namespace deepfog {

void put_weights(Encoder& encoder, const Weights& weights);

/// Throws Failure when sizes and values do not fit together.
Weights get_weights(Decoder& decoder);

/// Those of the network that `expected` has the names and shapes of. Throws Failure for any others.
Weights get_weights_like(Decoder& decoder, const Weights& expected);

}  // namespace deepfog
