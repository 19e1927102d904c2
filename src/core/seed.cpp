#include "core/seed.hpp"

#include <numeric>
#include <stdexcept>
#include <utility>

namespace deepfog {
namespace {

/// Finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// FNV-1a, 64 bits. Numbers are added as eight bytes, least significant first; texts are preceded by their
/// length, so that ("ab", "c") and ("a", "bc") differ.
class Fnv1a {
 public:
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift));
  }
  void add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  std::uint64_t value() const { return hash_; }

 private:
  void add_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::uint64_t derive_seed(std::uint64_t seed, std::string_view experiment, std::string_view model,
                          std::int64_t run, std::string_view purpose) {
  Fnv1a hash;
  hash.add(seed);
  hash.add(experiment);
  hash.add(model);
  hash.add(static_cast<std::uint64_t>(run));
  hash.add(purpose);
  return mix(hash.value());
}

std::uint64_t RandomStream::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  return mix(state_);
}

double RandomStream::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  if (bound == 0) throw std::invalid_argument("RandomStream::below: bound is 0");
  const std::uint64_t surplus =
      (0 - bound) % bound;  // 2^64 mod bound: draws below it would favour small results
  std::uint64_t draw = next();
  while (draw < surplus) draw = next();
  return draw % bound;
}

std::vector<std::int64_t> RandomStream::permutation(std::int64_t size) {
  if (size < 0) throw std::invalid_argument("RandomStream::permutation: negative size");
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t left = order.size(); left > 1; --left) {  // Fisher-Yates, from the back
    std::swap(order[left - 1], order[static_cast<std::size_t>(below(left))]);
  }
  return order;
}

}  // namespace deepfog
