#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

// The binary layers of a DDNN (Teerapittayanon et al., section III-B; LayerKind::binary_conv and
// binary_linear) as a device runs them: signs are bits (topology/sign_bits.hpp), and sums of signs are counts
// of bits. Batch norm and sign are one comparison with a threshold, which is computed when the kernel is
// constructed: an output is the bit that `float(sum) * scale + shift >= 0` gives, with both roundings. A
// kernel keeps scratch memory, so one thread at a time may use it.

/// The weights of a layer, of which only the signs count (the sign of 0 is +1), and its batch norm as one
/// product and one sum.
struct BinaryWeights {
  std::vector<float> weight;        ///< [filters, channels, 3, 3] or [classes, inputs]
  std::vector<float> scale, shift;  ///< [filters] or [classes], finite
};

struct ImageSize {
  std::int64_t channels = 0, height = 0, width = 0;
  std::int64_t values() const { return channels * height * width; }
};

/// The shape of a convolution's output: a 3x3 convolution with stride 1 and a border of zeros, a 3x3 max-pool
/// with stride 2 (its border never wins), then norm and sign: [filters, ceil(height / 2), ceil(width / 2)].
ImageSize binary_conv_output(const ImageSize& image, std::int64_t filters);

/// A convolution block whose inputs are signs.
class PackedBinaryConv {
 public:
  /// Throws std::invalid_argument if sizes do not fit or if a scale or shift is not finite.
  PackedBinaryConv(const BinaryWeights& weights, const ImageSize& image);

  /// @param image  bits of [channels, height, width]
  /// @param bits   bits of the output, [filters, rows, columns]
  void run(const std::uint8_t* image, std::uint8_t* bits);

  const ImageSize& output() const { return output_; }

 private:
  void gather(const std::uint8_t* image);
  void build_patches();

  ImageSize image_, output_;
  std::int64_t row_,
      positions_;       ///< of a row with two zero columns at its end, and of all sums, which are contiguous
  std::int64_t words_;  ///< per patch: the bits of 3x3 pixels, in groups of 64 channels
  std::vector<std::uint64_t> weights_;  ///< [filters, words]
  std::vector<std::int32_t>
      most_;  ///< [filters, 16]: how many bits may differ, by the set of borders that a patch crosses
  std::vector<std::uint8_t> inverted_;  ///< [filters]
  std::vector<std::uint64_t> input_, pixels_, patches_;
  std::vector<std::int32_t> differing_;
  std::vector<std::uint8_t> fired_, scratch_, pooled_;
};

/// The first block, whose input is an image of numbers.
class PackedImageConv {
 public:
  /// Throws as PackedBinaryConv does.
  PackedImageConv(const BinaryWeights& weights, const ImageSize& image);

  /// Images whose pixels are k / 255 are summed exactly, as integers, up to 14 channels. Other images are
  /// summed as floats, in an order that is specific to this class.
  /// @param image  [channels, height, width]
  /// @param bits   bits of the output, [filters, rows, columns]
  void run(const float* image, std::uint8_t* bits);

  const ImageSize& output() const { return output_; }

 private:
  /// The state for one number type. An output fires if at least one sum of its pooling window is at least
  /// `from`.
  template <class Number>
  struct Lane {
    std::vector<Number> image;    ///< [channels, plane], inside a border of zeros
    std::vector<Number> triples;  ///< [channels, 4, plane]: sums of three pixels in a row, per sign pattern
    std::vector<Number> from;     ///< [filters]
    std::vector<std::uint8_t> inverted;  ///< [filters]
  };

  void find_terms(const BinaryWeights& weights);
  template <class Number>
  void finish(Lane<Number>& lane, std::uint8_t* bits);

  ImageSize image_, output_;
  std::int64_t row_, plane_, vector_bytes_;
  std::vector<std::int32_t> terms_,
      added_;  ///< terms_: [filters, 3 channels], offsets into `triples`; added_: [filters], how many are
               ///< added
  Lane<std::int16_t> bytes_;
  Lane<float> floats_;
  std::vector<std::uint8_t> fired_, scratch_, pooled_;
};

/// Computes the scores of an exit.
class PackedBinaryLinear {
 public:
  /// Throws as PackedBinaryConv does.
  PackedBinaryLinear(const BinaryWeights& weights, std::int64_t inputs);

  /// @param inputs  bits of [inputs]; unused bits of the last byte may have any value
  /// @param scores  [classes]
  void run(const std::uint8_t* inputs, float* scores);

 private:
  std::int64_t inputs_, words_;
  std::vector<std::uint64_t> weights_;  ///< [classes, words]
  std::vector<float> scale_, shift_;
  std::vector<std::uint64_t> input_;
};

}  // namespace deepfog
