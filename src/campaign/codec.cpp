#include "campaign/codec.hpp"

namespace deepfog {

void Encoder::append(const void* data, std::size_t bytes) {
  const char* begin = static_cast<const char*>(data);
  bytes_.insert(bytes_.end(), begin, begin + bytes);
}

void Encoder::put_text(const std::string& text) {
  put(static_cast<std::uint64_t>(text.size()));
  append(text.data(), text.size());
}

void Encoder::put_weights(const Weights& weights) {
  put(static_cast<std::uint64_t>(weights.size()));
  for (const NamedTensor& tensor : weights) {
    put_text(tensor.node);
    put_text(tensor.name);
    put_list(tensor.shape);
    put_list(tensor.values);
  }
}

void Decoder::refuse(const std::string& what) const {
  throw Failure(where_ + ": " + what);
}

const char* Decoder::next(std::size_t bytes) {
  if (bytes > bytes_.size() - position_) {
    refuse("ends after " + std::to_string(bytes_.size()) + " bytes, " + std::to_string(bytes) +
           " more are needed");
  }
  const char* at = bytes_.data() + position_;
  position_ += bytes;
  return at;
}

std::size_t Decoder::get_size(std::size_t element_bytes) {
  const auto size = get<std::uint64_t>();
  if (size > (bytes_.size() - position_) / element_bytes) {
    refuse("a list of " + std::to_string(size) + " entries does not fit into what is left");
  }
  return static_cast<std::size_t>(size);
}

std::string Decoder::get_text() {
  const std::size_t size = get_size(1);
  const char* at = next(size);
  return std::string(at, size);
}

Weights Decoder::get_weights() {
  Weights weights;
  const std::size_t count = get_size(4 * sizeof(std::uint64_t));  // the least a tensor takes
  for (std::size_t i = 0; i < count; ++i) {
    NamedTensor tensor;
    tensor.node = get_text();
    tensor.name = get_text();
    tensor.shape = get_list<std::int64_t>();
    tensor.values = get_list<float>();
    std::uint64_t elements = 1;
    for (const std::int64_t extent : tensor.shape) {
      if (extent <= 0 || static_cast<std::uint64_t>(extent) > tensor.values.size())
        refuse("impossible tensor shape");
      elements *= static_cast<std::uint64_t>(extent);
      if (elements > tensor.values.size()) refuse("a tensor's shape and values differ");
    }
    if (elements != tensor.values.size()) refuse("a tensor's shape and values differ");
    weights.push_back(std::move(tensor));
  }
  return weights;
}

void Decoder::finish() const {
  if (position_ != bytes_.size()) refuse(std::to_string(bytes_.size() - position_) + " bytes too many");
}

void Encoder::put_beyond(const BeyondResult& result) {
  put(static_cast<std::uint64_t>(result.settings.size()));
  for (const BeyondResult::Setting& setting : result.settings) {
    for (const double value : {setting.lower, setting.upper, setting.average, setting.explored}) put(value);
    put_text(setting.method);
  }
  put(result.combinations);
}

BeyondResult Decoder::get_beyond() {
  constexpr std::size_t least_bytes = 4 * sizeof(double) + sizeof(std::uint64_t);  // with an empty text
  BeyondResult result;
  result.settings.resize(get_size(least_bytes));
  for (BeyondResult::Setting& setting : result.settings) {
    for (double* value : {&setting.lower, &setting.upper, &setting.average, &setting.explored})
      *value = get<double>();
    setting.method = get_text();
  }
  result.combinations = get<std::int64_t>();
  return result;
}

}  // namespace deepfog
