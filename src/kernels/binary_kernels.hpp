#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

// The binary layers of a DDNN (Teerapittayanon et al., section III-B; LayerKind::binary_conv and
// binary_linear) as a device runs them: signs are bits (topology/sign_bits.hpp), sums of signs are counts of
// bits. Batch norm and sign are one comparison with a threshold, found when the kernel is made: an output is
// the bit that `float(sum) * scale + shift >= 0`, with both roundings, gives. A kernel keeps its scratch: one
// thread at a time.

/// A layer's weights, of which only the signs count (that of 0 is +1), and its batch norm as one product and
/// sum.
struct BinaryWeights {
  std::vector<float> weight;        ///< [filters, channels, 3, 3] or [classes, inputs]
  std::vector<float> scale, shift;  ///< [filters] or [classes], finite
};

struct ImageSize {
  std::int64_t channels = 0, height = 0, width = 0;
  std::int64_t values() const { return channels * height * width; }
};

/// What a convolution gives: a 3x3 convolution with stride 1 and a border of zeros, max-pool 3x3 with stride
/// 2 (its border never wins), then norm and sign: [filters, ceil(height / 2), ceil(width / 2)].
ImageSize binary_conv_output(const ImageSize& image, std::int64_t filters);

/// A block whose inputs are signs.
class PackedBinaryConv {
 public:
  /// Throws std::invalid_argument when sizes do not fit or a scale or shift is not finite.
  PackedBinaryConv(const BinaryWeights& weights, const ImageSize& image);

  /// @param image  bits of [channels, height, width]
  /// @param bits   of [filters, rows, columns] of the output
  void run(const std::uint8_t* image, std::uint8_t* bits);

  const ImageSize& output() const { return output_; }

 private:
  void gather(const std::uint8_t* image);
  void build_patches();

  ImageSize image_, output_;
  std::int64_t row_,
      positions_;       ///< a row has two columns of zeros at its end; all sums are a run of positions
  std::int64_t words_;  ///< of a patch: the bits of 3x3 pixels, 64 channels after 64
  std::vector<std::uint64_t> weights_;  ///< [filters, words]
  std::vector<std::int32_t>
      most_;  ///< [filters, 16]: so many bits may differ, by the borders a patch crosses
  std::vector<std::uint8_t> inverted_;  ///< [filters]
  std::vector<std::uint64_t> input_, pixels_, patches_;
  std::vector<std::int32_t> differing_;
  std::vector<std::uint8_t> fired_, scratch_, pooled_;
};

/// A first block, whose input is an image of numbers.
class PackedImageConv {
 public:
  /// Throws as PackedBinaryConv does.
  PackedImageConv(const BinaryWeights& weights, const ImageSize& image);

  /// Images of pixels k / 255 are summed as integers, exactly, up to 14 channels; others as floats, in an
  /// order of this class's own.
  /// @param image  [channels, height, width]
  /// @param bits   of [filters, rows, columns] of the output
  void run(const float* image, std::uint8_t* bits);

  const ImageSize& output() const { return output_; }

 private:
  /// What is kept of one kind of number. An output fires where a sum of its window is at least `from`.
  template <class Number>
  struct Lane {
    std::vector<Number> image;    ///< [channels, plane], within a border of zeros
    std::vector<Number> triples;  ///< [channels, 4, plane]: sums of three pixels in a row, by their signs
    std::vector<Number> from;     ///< [filters]
    std::vector<std::uint8_t> inverted;  ///< [filters]
  };

  void find_terms(const BinaryWeights& weights);
  template <class Number>
  void finish(Lane<Number>& lane, std::uint8_t* bits);

  ImageSize image_, output_;
  std::int64_t row_, plane_, vector_bytes_;
  std::vector<std::int32_t> terms_,
      added_;  ///< [filters, 3 channels] places in `triples`, so many of them added
  Lane<std::int16_t> bytes_;
  Lane<float> floats_;
  std::vector<std::uint8_t> fired_, scratch_, pooled_;
};

/// The scores of an exit.
class PackedBinaryLinear {
 public:
  /// Throws as PackedBinaryConv does.
  PackedBinaryLinear(const BinaryWeights& weights, std::int64_t inputs);

  /// @param inputs  bits of [inputs]; those of the last byte that stand for nothing may be anything
  /// @param scores  [classes]
  void run(const std::uint8_t* inputs, float* scores);

 private:
  std::int64_t inputs_, words_;
  std::vector<std::uint64_t> weights_;  ///< [classes, words]
  std::vector<float> scale_, shift_;
  std::vector<std::uint64_t> input_;
};

}  // namespace deepfog
