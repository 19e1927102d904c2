#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace deepfog {

/// Incremental SHA-256 (libcrypto).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(const void* data, std::size_t bytes);
  std::string hex();  ///< ends the sum; 64 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256(const std::string& text);

}  // namespace deepfog
