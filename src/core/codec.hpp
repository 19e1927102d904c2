#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.hpp"

namespace deepfog {

/// Encodes plain values as bytes, in the byte order of the machine (messages and journals stay on one kind of
/// machine).
class Encoder {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    append(&value, sizeof value);
  }
  void put_text(const std::string& text);
  template <class T>
  void put_list(const std::vector<T>& list) {
    static_assert(std::is_arithmetic_v<T>);
    put(static_cast<std::uint64_t>(list.size()));
    append(list.data(), list.size() * sizeof(T));
  }
  std::vector<char> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t bytes);
  std::vector<char> bytes_;
};

/// Decodes what an Encoder wrote. Every size is checked against the remaining bytes before anything is
/// allocated; if it does not fit, throws Failure, which names `where`.
class Decoder {
 public:
  Decoder(const std::vector<char>& bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  template <class T>
  T get() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, next(sizeof value), sizeof value);
    return value;
  }
  std::string get_text();
  template <class T>
  std::vector<T> get_list() {
    static_assert(std::is_arithmetic_v<T>);
    const std::size_t size = get_size(sizeof(T));
    std::vector<T> list(size);
    if (size > 0) std::memcpy(list.data(), next(size * sizeof(T)), size * sizeof(T));
    return list;
  }
  std::size_t get_size(std::size_t element_bytes);  ///< of a list whose entries take at least this number of
                                                    ///< bytes
  std::size_t left() const { return bytes_.size() - position_; }
  void finish() const;  ///< throws if bytes are left over
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const char* next(std::size_t bytes);
  const std::vector<char>& bytes_;
  std::string where_;
  std::size_t position_ = 0;
};

}  // namespace deepfog
