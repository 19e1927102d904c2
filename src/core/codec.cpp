#include "core/codec.hpp"

namespace deepfog {

void Encoder::append(const void* data, std::size_t bytes) {
  const char* begin = static_cast<const char*>(data);
  bytes_.insert(bytes_.end(), begin, begin + bytes);
}

void Encoder::put_text(const std::string& text) {
  put(static_cast<std::uint64_t>(text.size()));
  append(text.data(), text.size());
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

void Decoder::finish() const {
  if (position_ != bytes_.size()) refuse(std::to_string(bytes_.size() - position_) + " bytes too many");
}

}  // namespace deepfog
