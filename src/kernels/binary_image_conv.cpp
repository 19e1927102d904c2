#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/processor_clones.hpp"
#include "kernels/binary_kernels.hpp"
#include "kernels/binary_threshold.hpp"
#include "kernels/sign_bits.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostByteChannels = 32767 / (9 * 255);  // whose sums and limits fit into 16 bits
constexpr int kPatterns = 4;
constexpr int kVectors = 2;                                            // processed together
constexpr std::int64_t kSlack = kVectors * 64 / sizeof(std::int16_t);  // how far the widest vectors overrun

/// The arguments of the innermost loops. Position p of a plane is pixel p of an image whose rows are two
/// pixels longer.
template <class Number>
struct Work {
  const Number* image;  ///< [channels, size], followed by kSlack more values
  Number* triples;      ///< [channels, patterns, size], followed by kSlack more values
  std::int64_t channels, size, positions;
  const std::int32_t* terms;  ///< [filters, 3 channels]: offset of each term in `triples`
  const std::int32_t* added;  ///< [filters]: how many terms are added; the others are subtracted
  const Number* from;         ///< [filters]
  std::int64_t filters;
  std::uint8_t* fired;
  std::int64_t fired_size;
};

/// All sums that a filter may need of three pixels in a row, up to sign: x + y + z, x - y + z, x + y - z and
/// x - y - z. A filter then takes three sums per channel instead of nine pixels.
template <class Number>
__attribute__((always_inline)) inline void sum_triples(const Work<Number>& work) {
  for (std::int64_t c = 0; c < work.channels; ++c) {
    const Number* x = work.image + c * work.size;
    Number* __restrict sums = work.triples + c * kPatterns * work.size;
    for (std::int64_t p = 0; p < work.size - 2; ++p) {
      const Number with = x[p] + x[p + 1], without = x[p] - x[p + 1], last = x[p + 2];
      sums[p] = with + last;
      sums[p + work.size] = without + last;
      sums[p + 2 * work.size] = with - last;
      sums[p + 3 * work.size] = without - last;
    }
  }
}

/// Computes the flags of all positions. It uses the compiler's vector types to make explicit which values
/// stay in registers.
template <class Number, int kBytes>
__attribute__((always_inline)) inline void fire(const Work<Number>& work) {
  constexpr int kLanes = kBytes / static_cast<int>(sizeof(Number));
  typedef Number Vector __attribute__((vector_size(kBytes)));
  typedef std::uint8_t Flags __attribute__((vector_size(kLanes)));
  sum_triples(work);
  const std::int64_t terms = 3 * work.channels;
  for (std::int64_t p = 0; p < work.positions; p += kVectors * kLanes) {
    for (std::int64_t f = 0; f < work.filters; ++f) {
      const std::int32_t* term = work.terms + f * terms;
      Vector sums[kVectors] = {}, values;
      for (const std::int32_t* end = term + work.added[f]; term != end; ++term) {
        for (int v = 0; v < kVectors; ++v) {
          std::memcpy(&values, work.triples + *term + p + v * kLanes, sizeof values);
          sums[v] += values;
        }
      }
      for (const std::int32_t* end = work.terms + (f + 1) * terms; term != end; ++term) {
        for (int v = 0; v < kVectors; ++v) {
          std::memcpy(&values, work.triples + *term + p + v * kLanes, sizeof values);
          sums[v] -= values;
        }
      }
      for (int v = 0; v < kVectors; ++v) {
        const auto fires = sums[v] >= work.from[f];  // lanes are 0 or -1
        const Flags flags = __builtin_convertvector(fires, Flags) & 1;
        std::memcpy(work.fired + f * work.fired_size + p + v * kLanes, &flags, sizeof flags);
      }
    }
  }
}

template <class Number>
void fire_16(const Work<Number>& work) {
  fire<Number, 16>(work);
}

#ifdef __x86_64__  // no target_clones: vectors of one size would spill to memory if registers are smaller
template <class Number>
__attribute__((target("avx2"))) void fire_32(const Work<Number>& work) {
  fire<Number, 32>(work);
}
template <class Number>
__attribute__((target("avx512f,avx512bw"))) void fire_64(const Work<Number>& work) {
  fire<Number, 64>(work);
}

std::int64_t vector_bytes() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return 64;
  return __builtin_cpu_supports("avx2") ? 32 : 16;
}
#else
std::int64_t vector_bytes() {
  return 16;
}
#endif

template <class Number>
void fire_on(std::int64_t vector_bytes, const Work<Number>& work) {
#ifdef __x86_64__
  if (vector_bytes == 64) return fire_64(work);
  if (vector_bytes == 32) return fire_32(work);
#endif
  (void)vector_bytes;
  fire_16(work);
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Writes 255 times an image, rounded, into planes with a border. Returns whether all pixels are k / 255, up
/// to one or two roundings. It compares bit patterns, which have the same order as non-negative floats: the
/// compiler does not vectorise comparisons of floats because they could trap.
DEEPFOG_CLONES bool to_bytes(const float* pixels, const ImageSize& size, std::int16_t* planes) {
  constexpr float kWhole = 0x1.8p23F;  // adding this rounds to a whole number, held in the last bits
  const std::int64_t row = size.width + 2;
  for (std::int64_t c = 0; c < size.channels; ++c, planes += 2 * row) {
    std::uint32_t any = 0, off = 0;
    for (std::int64_t r = 0; r < size.height; ++r, planes += row, pixels += size.width) {
      std::int16_t* __restrict bytes = planes + row + 1;
      for (std::int64_t i = 0; i < size.width; ++i) {
        const float x = pixels[i] * 255.0F, rounded = x + kWhole, whole = rounded - kWhole;
        const std::uint32_t k = bits_of(rounded) - bits_of(kWhole);
        bytes[i] = static_cast<std::int16_t>(k);
        any |= k;
        off |= bits_of(std::fabs(whole) * 0x1p-22F) - bits_of(std::fabs(x - whole));  // negative: too far off
      }
    }
    if (any > 255 || (off >> 31) != 0) return false;
  }
  return true;
}

void copy(const float* pixels, const ImageSize& size, float* planes) {
  const std::int64_t row = size.width + 2;
  for (std::int64_t c = 0; c < size.channels; ++c, planes += 2 * row) {
    for (std::int64_t r = 0; r < size.height; ++r, planes += row, pixels += size.width) {
      std::copy_n(pixels, size.width, planes + row + 1);
    }
  }
}

}  // namespace

PackedImageConv::PackedImageConv(const BinaryWeights& weights, const ImageSize& image)
    : image_(image),
      output_(binary_conv_output(image, static_cast<std::int64_t>(weights.scale.size()))),
      row_(image.width + 2),
      plane_((image.height + 2) * row_),
      vector_bytes_(vector_bytes()) {
  expect_image(image, "binary-conv");
  expect_sizes(weights, 9 * image.channels, "binary-conv");
  find_terms(weights);
  const auto filters = static_cast<std::size_t>(output_.channels);
  const auto prepare = [&](auto& lane) {
    lane.image.resize(static_cast<std::size_t>(image.channels * plane_ + kSlack));
    lane.triples.resize(static_cast<std::size_t>(kPatterns * image.channels * plane_ + kSlack));
    lane.from.resize(filters);
    lane.inverted.resize(filters);
  };
  prepare(floats_);
  const bool as_bytes = image.channels <= kMostByteChannels;
  if (as_bytes) prepare(bytes_);
  for (std::size_t f = 0; f < filters; ++f) {
    const auto threshold = float_threshold(weights.scale[f], weights.shift[f]);
    floats_.from[f] = threshold.from;
    floats_.inverted[f] = threshold.inverted ? 1 : 0;
    if (!as_bytes) continue;
    const auto limit = static_cast<std::int32_t>(9 * image.channels * 255);
    const auto exact = integer_threshold(weights.scale[f], weights.shift[f], limit, 255.0F);
    bytes_.from[f] = static_cast<std::int16_t>(exact.from);
    bytes_.inverted[f] = exact.inverted ? 1 : 0;
  }
  fired_.resize(1 + filters * static_cast<std::size_t>(image.height * row_ + kSlack));
  scratch_.resize(static_cast<std::size_t>(image.height * row_));
  pooled_.resize(static_cast<std::size_t>(output_.values()));
}

void PackedImageConv::find_terms(const BinaryWeights& weights) {
  const std::int64_t rows = 3 * image_.channels;
  const auto is_plus = [&](std::int64_t row, std::int64_t right) {
    return weights.weight[static_cast<std::size_t>(3 * row + right)] >= 0;
  };
  for (std::int64_t f = 0; f < output_.channels; ++f) {
    std::vector<std::int32_t> added, subtracted;
    for (std::int64_t row = f * rows; row < (f + 1) * rows; ++row) {
      const bool plus = is_plus(row, 0);
      const int pattern = (is_plus(row, 1) != plus ? 1 : 0) + (is_plus(row, 2) != plus ? 2 : 0);
      const std::int64_t channel = row % rows / 3,
                         begin = (channel * kPatterns + pattern) * plane_ + row % 3 * row_;
      (plus ? added : subtracted).push_back(static_cast<std::int32_t>(begin));
    }
    added_.push_back(static_cast<std::int32_t>(added.size()));
    terms_.insert(terms_.end(), added.begin(), added.end());
    terms_.insert(terms_.end(), subtracted.begin(), subtracted.end());
  }
}

void PackedImageConv::run(const float* image, std::uint8_t* bits) {
  if (!bytes_.image.empty() && to_bytes(image, image_, bytes_.image.data())) return finish(bytes_, bits);
  copy(image, image_, floats_.image.data());
  finish(floats_, bits);
}

template <class Number>
void PackedImageConv::finish(Lane<Number>& lane, std::uint8_t* bits) {
  const std::int64_t fired_size = image_.height * row_ + kSlack, filters = output_.channels;
  std::uint8_t* fired = fired_.data() + 1;  // each filter's flags are preceded by a 0 that is never written
  fire_on<Number>(vector_bytes_,
                  {lane.image.data(), lane.triples.data(), image_.channels, plane_, image_.height * row_ - 2,
                   terms_.data(), added_.data(), lane.from.data(), filters, fired, fired_size});
  for (std::int64_t f = 0; f < filters; ++f) {
    pool_flags(fired + f * fired_size, image_, lane.inverted[f] != 0, scratch_.data(),
               pooled_.data() + f * output_.height * output_.width);
  }
  pack_flags(pooled_.data(), output_.values(), bits);
}

}  // namespace deepfog
