#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

/// Which samples a network predicts correctly: one bit per sample and one row per outcome of the failures
/// (outcome_rows()). Sample s is bit s % 8, least significant first, of byte s / 8 of a row; the bits after
/// the last sample are 0.
class SampleHits {
 public:
  SampleHits() = default;
  /// Starts with all samples wrong.
  /// @param rows, samples  at least 1, otherwise throws Failure
  SampleHits(std::int64_t rows, std::int64_t samples);
  /// From the bytes of a message or a file. Throws Failure unless the bytes fit the shape and the bits after
  /// the last sample are 0.
  SampleHits(std::int64_t rows, std::int64_t samples, std::vector<std::uint8_t> bytes);

  bool empty() const { return rows_ == 0; }
  std::int64_t rows() const { return rows_; }
  std::int64_t samples() const { return samples_; }
  std::int64_t stride() const { return stride_for(samples_); }       ///< bytes per row
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }  ///< [rows, stride]

  /// Indices count from 0 and are not checked.
  bool get(std::int64_t row, std::int64_t sample) const {
    return (bytes_[static_cast<std::size_t>(row * stride() + (sample >> 3))] >> (sample & 7) & 1) != 0;
  }
  void set(std::int64_t row, std::int64_t sample, bool right = true) {
    bytes_[static_cast<std::size_t>(row * stride() + (sample >> 3))] |=
        static_cast<std::uint8_t>(static_cast<unsigned>(right) << (sample & 7));
  }
  std::int64_t right(std::int64_t row) const;  ///< number of hits in the row

  /// Copies a block of samples to `begin`, where all samples are still wrong. Throws Failure if it does not
  /// fit.
  void place(const SampleHits& block, std::int64_t begin);
  /// Appends a block after the last sample; an empty object becomes the block.
  void append(const SampleHits& block);

  static std::int64_t stride_for(std::int64_t samples) { return (samples + 7) / 8; }

 private:
  std::int64_t rows_ = 0, samples_ = 0;
  std::vector<std::uint8_t> bytes_;
};

/// Number of bits that are 1.
std::int64_t ones(const std::uint8_t* bytes, std::int64_t count);

/// Whether the bits after the last sample of a row are 0.
bool ends_clean(const std::uint8_t* row, std::int64_t samples);

bool operator==(const SampleHits& a, const SampleHits& b);

}  // namespace deepfog
