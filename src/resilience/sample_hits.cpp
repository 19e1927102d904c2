#include "resilience/sample_hits.hpp"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace deepfog {
namespace {

void demand_shape(std::int64_t rows, std::int64_t samples) {
  if (rows < 1 || samples < 1 ||
      rows > std::numeric_limits<std::int64_t>::max() / SampleHits::stride_for(samples)) {
    throw Failure("bits of " + std::to_string(rows) + " outcomes and " + std::to_string(samples) +
                  " samples");
  }
}

}  // namespace

SampleHits::SampleHits(std::int64_t rows, std::int64_t samples) : rows_(rows), samples_(samples) {
  demand_shape(rows, samples);
  bytes_.resize(static_cast<std::size_t>(rows * stride()));
}

SampleHits::SampleHits(std::int64_t rows, std::int64_t samples, std::vector<std::uint8_t> bytes)
    : rows_(rows), samples_(samples), bytes_(std::move(bytes)) {
  demand_shape(rows, samples);
  if (bytes_.size() != static_cast<std::size_t>(rows * stride()))
    throw Failure(std::to_string(bytes_.size()) + " bytes for the bits of " + std::to_string(rows) +
                  " outcomes and " + std::to_string(samples) + " samples");
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!ends_clean(bytes_.data() + row * stride(), samples))
      throw Failure("bits behind the last of " + std::to_string(samples) + " samples");
  }
}

std::int64_t SampleHits::right(std::int64_t row) const {
  return ones(bytes_.data() + row * stride(), stride());
}

void SampleHits::place(const SampleHits& block, std::int64_t begin) {
  if (block.rows_ != rows_ || begin < 0 || begin > samples_ - block.samples_)
    throw Failure("bits of " + std::to_string(block.rows_) + " outcomes and samples " +
                  std::to_string(begin) + " to " + std::to_string(begin + block.samples_ - 1) +
                  " do not fit into " + std::to_string(rows_) + " and " + std::to_string(samples_));
  const std::int64_t from_stride = block.stride(), to_stride = stride();
  const int shift = static_cast<int>(begin & 7);
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::uint8_t* from = block.bytes_.data() + row * from_stride;
    std::uint8_t* to = bytes_.data() + row * to_stride + (begin >> 3);
    for (std::int64_t i = 0; i < from_stride; ++i) {
      to[i] = static_cast<std::uint8_t>(to[i] | from[i] << shift);
      // Bits that spill over belong to samples, so there is room for them; the last byte of a row may have
      // none.
      const auto spill = static_cast<std::uint8_t>(from[i] >> (8 - shift));
      if (spill != 0) to[i + 1] = static_cast<std::uint8_t>(to[i + 1] | spill);
    }
  }
}

void SampleHits::append(const SampleHits& block) {
  if (empty()) {
    *this = block;
    return;
  }
  SampleHits longer(rows_, samples_ + block.samples_);
  longer.place(*this, 0);
  longer.place(block, samples_);
  *this = std::move(longer);
}

std::int64_t ones(const std::uint8_t* bytes, std::int64_t count) {
  std::int64_t sum = 0;
  while (count > 0) {
    std::uint64_t word = 0;
    const std::int64_t size = count < 8 ? count : 8;
    std::memcpy(&word, bytes, static_cast<std::size_t>(size));
    sum += __builtin_popcountll(word);
    bytes += size;
    count -= size;
  }
  return sum;
}

bool ends_clean(const std::uint8_t* row, std::int64_t samples) {
  return samples % 8 == 0 || row[samples / 8] >> (samples % 8) == 0;
}

bool operator==(const SampleHits& a, const SampleHits& b) {
  return a.rows() == b.rows() && a.samples() == b.samples() && a.bytes() == b.bytes();
}

}  // namespace deepfog
