#include "analysis/sample_draw.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/processor_clones.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t word_bits = 64;

/// Counts the row's bits under each plane; plane p has the weight 2^p.
DEEPFOG_CLONES std::int64_t weighted_ones(const std::uint8_t* row, std::int64_t bytes,
                                          const std::uint64_t* const* planes, std::size_t count) {
  std::int64_t sum = 0;
  const std::int64_t words = bytes / 8;
  for (std::size_t p = 0; p < count; ++p) {
    std::int64_t ones = 0;
    for (std::int64_t w = 0; w < words; ++w) {
      std::uint64_t bits;
      std::memcpy(&bits, row + 8 * w, sizeof bits);
      ones += __builtin_popcountll(bits & planes[p][w]);
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, row + 8 * words, static_cast<std::size_t>(bytes - 8 * words));
    if (bytes > 8 * words) ones += __builtin_popcountll(tail & planes[p][words]);
    sum += ones << p;
  }
  return sum;
}

/// Moves bits 0, 8, 16, ... of a word next to each other.
std::uint64_t gathered(std::uint64_t word) {
  return (word & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56;
}

}  // namespace

SampleDraw::SampleDraw(std::int64_t samples, std::uint64_t seed) : samples_(samples), stream_(seed) {
  if (samples < 1 || samples > std::int64_t{UINT32_MAX}) throw std::invalid_argument("samples to draw from");
  const std::int64_t words = (samples + word_bits - 1) / word_bits;
  times_.resize(static_cast<std::size_t>(words * word_bits));
  std::fill_n(times_.begin(), samples, std::uint8_t{1});
  make_planes();
}

void SampleDraw::next() {
  std::fill(times_.begin(), times_.end(), std::uint8_t{0});
  const auto size = static_cast<std::uint64_t>(samples_);
  // The upper half of a product is a uniform draw if the surplus of 2^32 over the multiples of `size` is
  // rejected (Lemire, 2019). A word of the stream provides two draws.
  const auto surplus = static_cast<std::uint32_t>((std::uint64_t{1} << 32) % size);
  std::uint64_t word = 0;
  bool second = false;
  for (std::int64_t left = samples_; left > 0;) {
    word = second ? word >> 32 : stream_.next();
    second = !second;
    const std::uint64_t product = static_cast<std::uint32_t>(word) * size;
    if (static_cast<std::uint32_t>(product) < surplus) continue;
    std::uint8_t& times = times_[product >> 32];
    if (times < UINT8_MAX) ++times;  // saturates; drawing one sample 2^8 times is all but impossible
    --left;
  }
  make_planes();
}

void SampleDraw::make_planes() {
  const std::uint8_t most = *std::max_element(times_.begin(), times_.end());
  const std::size_t words = times_.size() / word_bits;
  std::size_t count = 0;
  while (most >> count != 0) ++count;
  planes_.resize(count);
  for (auto& plane : planes_) plane.assign(words, 0);
  for (std::size_t w = 0; w < words; ++w) {
    for (std::size_t part = 0; part < 8; ++part) {
      std::uint64_t eight;  // little endian: the first sample is the lowest byte
      std::memcpy(&eight, times_.data() + w * word_bits + 8 * part, sizeof eight);
      for (std::size_t p = 0; p < count; ++p) planes_[p][w] |= gathered(eight >> p) << (8 * part);
    }
  }
}

void SampleDraw::count(const SampleTable& table, std::size_t run, std::vector<double>& to) const {
  std::vector<const std::uint64_t*> planes;
  for (const auto& plane : planes_) planes.push_back(plane.data());
  to.resize(static_cast<std::size_t>(table.rows) + 1);
  to[0] = table.guess_accuracy * static_cast<double>(samples_);
  if (!table.guess.empty()) {
    to[0] = 0;
    for (std::size_t s = 0; s < table.guess.size(); ++s) to[0] += times_[s] * table.guess[s];
  }
  for (std::int64_t row = 0; row < table.rows; ++row) {
    to[static_cast<std::size_t>(row) + 1] =
        static_cast<double>(weighted_ones(table.row(run, row), table.stride(), planes.data(), planes.size()));
  }
}

}  // namespace deepfog
