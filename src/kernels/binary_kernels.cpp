#include "kernels/binary_kernels.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "kernels/binary_threshold.hpp"
#include "kernels/packed_words.hpp"
#include "kernels/sign_bits.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kTaps = 9;

/// The borders that a patch crosses, one bit each.
enum Border { above = 1, below = 2, left = 4, right = 8, borders = 16 };

bool is_outside(std::int64_t tap, int crossed) {
  const std::int64_t down = tap / 3, across = tap % 3;
  return ((crossed & above) != 0 && down == 0) || ((crossed & below) != 0 && down == 2) ||
         ((crossed & left) != 0 && across == 0) || ((crossed & right) != 0 && across == 2);
}

/// The number of channels in the group that begins with channel `first`.
std::int64_t group_of(std::int64_t first, std::int64_t channels) {
  return std::min(kWordBits, channels - first);
}

/// The weights of one filter, and the number of weights of +1 per tap.
struct PackedFilter {
  std::vector<std::uint64_t> words;
  std::int64_t plus[kTaps] = {};
};

/// Bits are in the order of patches: for each group of 64 channels, tap after tap.
PackedFilter pack_filter(const float* weights, std::int64_t channels) {
  PackedFilter filter;
  filter.words.resize(static_cast<std::size_t>(words_of(kTaps * channels)));
  std::int64_t bit = 0;
  for (std::int64_t first = 0; first < channels; first += kWordBits) {
    for (std::int64_t tap = 0; tap < kTaps; ++tap) {
      for (std::int64_t c = first; c < first + group_of(first, channels); ++c, ++bit) {
        if (!(weights[c * kTaps + tap] >= 0)) continue;
        filter.words[bit / kWordBits] |= std::uint64_t{1} << bit % kWordBits;
        ++filter.plus[tap];
      }
    }
  }
  return filter;
}

/// The most bits that may differ if the sum is at least `from`. A pixel outside the image has bits of 0,
/// which differ from weights of +1; these differences do not count.
std::int32_t most_differing(const PackedFilter& filter, std::int64_t channels, std::int64_t from,
                            int crossed) {
  std::int64_t inside = 0, outside_plus = 0;
  for (std::int64_t tap = 0; tap < kTaps; ++tap) {
    if (is_outside(tap, crossed)) {
      outside_plus += filter.plus[tap];
    } else {
      inside += channels;
    }
  }
  const std::int64_t spare = inside - from;  // sum = inside - 2 * differing
  return static_cast<std::int32_t>((spare >= 0 ? spare / 2 : -1) + outside_plus);
}

}  // namespace

ImageSize binary_conv_output(const ImageSize& image, std::int64_t filters) {
  return {filters, (image.height + 1) / 2, (image.width + 1) / 2};
}

PackedBinaryConv::PackedBinaryConv(const BinaryWeights& weights, const ImageSize& image)
    : image_(image),
      output_(binary_conv_output(image, static_cast<std::int64_t>(weights.scale.size()))),
      row_(image.width + 2),
      positions_(image.height * row_ - 2),
      words_(words_of(kTaps * image.channels)) {
  expect_image(image, "binary-conv");
  const std::int64_t taps = kTaps * image.channels;
  expect_sizes(weights, taps, "binary-conv");
  for (std::int64_t f = 0; f < output_.channels; ++f) {
    const PackedFilter filter = pack_filter(weights.weight.data() + f * taps, image.channels);
    weights_.insert(weights_.end(), filter.words.begin(), filter.words.end());
    const auto threshold =
        integer_threshold(weights.scale[f], weights.shift[f], static_cast<std::int32_t>(taps), 1.0F);
    for (int crossed = 0; crossed < borders; ++crossed) {
      most_.push_back(most_differing(filter, image.channels, threshold.from, crossed));
    }
    inverted_.push_back(threshold.inverted ? 1 : 0);
  }
  input_.resize(
      static_cast<std::size_t>(words_of(image.values()) + kWordBits / 8));  // bits_at() reads past the end
  pixels_.resize(static_cast<std::size_t>(words_of(image.channels) * (image.height + 2) * row_));
  patches_.resize(static_cast<std::size_t>(words_ * positions_));
  differing_.resize(static_cast<std::size_t>(positions_));
  fired_.resize(static_cast<std::size_t>(1 + image.height * row_));
  scratch_.resize(static_cast<std::size_t>(image.height * row_));
  pooled_.resize(static_cast<std::size_t>(output_.values()));
}

/// Fills pixels_: one word per pixel and group of 64 channels, inside a border of zeros.
void PackedBinaryConv::gather(const std::uint8_t* image) {
  std::memcpy(input_.data(), image, static_cast<std::size_t>(sign_bytes(image_.values())));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(input_.data());
  const std::int64_t plane = image_.height * image_.width;
  for (std::int64_t first = 0; first < image_.channels; first += kWordBits) {
    std::uint64_t* pixels = pixels_.data() + first / kWordBits * (image_.height + 2) * row_ + row_ + 1;
    std::int64_t right = 0;
    for (std::int64_t begin = 0; begin < plane; begin += kWordBits) {
      std::uint64_t block[kWordBits] = {};
      for (std::int64_t c = 0; c < group_of(first, image_.channels); ++c) {
        block[c] = bits_at(bytes, (first + c) * plane + begin);
      }
      transpose(block);
      for (std::int64_t i = 0; i < std::min(kWordBits, plane - begin); ++i) {
        pixels[right] = block[i];
        if (++right == image_.width) {
          right = 0;
          pixels += row_;
        }
      }
    }
  }
}

void PackedBinaryConv::build_patches() {
  std::int64_t bit = 0;
  for (std::int64_t first = 0; first < image_.channels; first += kWordBits) {
    const std::uint64_t* corner = pixels_.data() + first / kWordBits * (image_.height + 2) * row_;
    const std::int64_t size = group_of(first, image_.channels);
    for (std::int64_t tap = 0; tap < kTaps; ++tap, bit += size) {
      const std::uint64_t* pixels = corner + tap / 3 * row_ + tap % 3;
      std::uint64_t* patches = patches_.data() + bit / kWordBits * positions_;
      const auto shift = static_cast<int>(bit % kWordBits);
      if (shift == 0) {
        std::copy_n(pixels, positions_, patches);
        continue;
      }
      for (std::int64_t p = 0; p < positions_; ++p) patches[p] |= pixels[p] << shift;
      if (shift + size <= kWordBits) continue;
      patches += positions_;
      for (std::int64_t p = 0; p < positions_; ++p) patches[p] = pixels[p] >> (kWordBits - shift);
    }
  }
}

void PackedBinaryConv::run(const std::uint8_t* image, std::uint8_t* bits) {
  gather(image);
  build_patches();
  std::uint8_t* fired = fired_.data() + 1;  // preceded by the border
  for (std::int64_t f = 0; f < output_.channels; ++f) {
    count_differing(patches_.data(), positions_, weights_.data() + f * words_, words_, differing_.data());
    for (std::int64_t r = 0; r < image_.height; ++r) {
      const int crossed = (r == 0 ? above : 0) | (r + 1 == image_.height ? below : 0);
      const std::int32_t* most = most_.data() + f * borders + crossed;
      const std::int32_t* differing = differing_.data() + r * row_;
      std::uint8_t* flags = fired + r * row_;
      const std::int64_t last = image_.width - 1;
      for (std::int64_t c = 1; c < last; ++c) flags[c] = differing[c] <= most[0] ? 1 : 0;
      flags[0] = differing[0] <= most[last == 0 ? left | right : left] ? 1 : 0;
      if (last > 0) flags[last] = differing[last] <= most[right] ? 1 : 0;
    }
    pool_flags(fired, image_, inverted_[f] != 0, scratch_.data(),
               pooled_.data() + f * output_.height * output_.width);
  }
  pack_flags(pooled_.data(), output_.values(), bits);
}

PackedBinaryLinear::PackedBinaryLinear(const BinaryWeights& weights, std::int64_t inputs)
    : inputs_(inputs), words_(words_of(inputs)), scale_(weights.scale), shift_(weights.shift) {
  if (inputs < 1) throw std::invalid_argument("binary-linear: " + std::to_string(inputs) + " inputs");
  expect_sizes(weights, inputs, "binary-linear");
  weights_.resize(scale_.size() * static_cast<std::size_t>(words_));
  for (std::size_t c = 0; c < scale_.size(); ++c) {
    pack_signs(weights.weight.data() + static_cast<std::int64_t>(c) * inputs, inputs,
               reinterpret_cast<std::uint8_t*>(weights_.data() + static_cast<std::int64_t>(c) * words_));
  }
  input_.resize(static_cast<std::size_t>(words_));
}

void PackedBinaryLinear::run(const std::uint8_t* inputs, float* scores) {
  std::memcpy(input_.data(), inputs, static_cast<std::size_t>(sign_bytes(inputs_)));
  if (inputs_ % kWordBits != 0) input_.back() &= (std::uint64_t{1} << inputs_ % kWordBits) - 1;
  for (std::size_t c = 0; c < scale_.size(); ++c) {
    std::int32_t differing = 0;
    count_differing(input_.data(), 1, weights_.data() + static_cast<std::int64_t>(c) * words_, words_,
                    &differing);
    scores[c] = normed(static_cast<float>(inputs_ - 2 * std::int64_t{differing}), scale_[c], shift_[c]);
  }
}

}  // namespace deepfog
