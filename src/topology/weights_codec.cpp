#include "topology/weights_codec.hpp"

namespace deepfog {

void put_weights(Encoder& encoder, const Weights& weights) {
  encoder.put(static_cast<std::uint64_t>(weights.size()));
  for (const NamedTensor& tensor : weights) {
    encoder.put_text(tensor.node);
    encoder.put_text(tensor.name);
    encoder.put_list(tensor.shape);
    encoder.put_list(tensor.values);
  }
}

Weights get_weights(Decoder& decoder) {
  Weights weights;
  const std::size_t count = decoder.get_size(4 * sizeof(std::uint64_t));  // the smallest size of a tensor
  for (std::size_t i = 0; i < count; ++i) {
    NamedTensor tensor;
    tensor.node = decoder.get_text();
    tensor.name = decoder.get_text();
    tensor.shape = decoder.get_list<std::int64_t>();
    tensor.values = decoder.get_list<float>();
    std::uint64_t elements = 1;
    for (const std::int64_t extent : tensor.shape) {
      if (extent <= 0 || static_cast<std::uint64_t>(extent) > tensor.values.size())
        decoder.refuse("impossible tensor shape");
      elements *= static_cast<std::uint64_t>(extent);
      if (elements > tensor.values.size()) decoder.refuse("a tensor's shape and values differ");
    }
    if (elements != tensor.values.size()) decoder.refuse("a tensor's shape and values differ");
    weights.push_back(std::move(tensor));
  }
  return weights;
}

Weights get_weights_like(Decoder& decoder, const Weights& expected) {
  Weights weights = get_weights(decoder);
  if (!mismatches(expected, weights).empty()) decoder.refuse("the weights of another network");
  return weights;
}

}  // namespace deepfog
