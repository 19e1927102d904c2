#pragma once

#include "core/codec.hpp"
#include "cutting/choose.hpp"

namespace deepfog {

/// As it travels between ranks.
void put(Encoder& encoder, const ChosenPartition& chosen);

/// Throws Failure for what cannot be one, UserError for a partition that does not fit the layers.
ChosenPartition get_chosen(Decoder& decoder, const std::vector<CutLayer>& layers, const std::string& where);

}  // namespace deepfog
