#include "training/dense_map.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kDepthBlock = 512;    // of a panel: 64 KB
constexpr std::int64_t kRowBlock = 64;       // rows that pass through all panels together
constexpr std::int64_t kGradientRows = 256;  // of weights: 32 KB
alignas(64) constexpr float kZeros[kPanelWidth] = {};

std::int64_t ceil_panels(std::int64_t width) {
  return (width + kPanelWidth - 1) / kPanelWidth;
}

OptimiserStep::Kind kind_of(const std::string& name) {
  if (name == "adam") return OptimiserStep::Kind::adam;
  if (name == "adagrad") return OptimiserStep::Kind::adagrad;
  if (name == "rmsprop") return OptimiserStep::Kind::rmsprop;
  if (name == "sgd") return OptimiserStep::Kind::sgd;
  throw UserError("optimiser", "unknown '" + name + "'", "adam, adagrad, rmsprop, sgd");
}

}  // namespace

Optimiser::Optimiser(const std::string& name, double learning_rate, double weight_decay)
    : kind_(kind_of(name)), rate_(learning_rate), weight_decay_(weight_decay) {}

OptimiserStep Optimiser::step(std::int64_t number) const {
  OptimiserStep step{kind_, static_cast<float>(rate_), static_cast<float>(weight_decay_), 1.0F};
  if (kind_ == OptimiserStep::Kind::adam) {
    step.rate = static_cast<float>(rate_ / (1.0 - std::pow(0.9, double(number))));
    step.root = static_cast<float>(std::sqrt(1.0 - std::pow(0.999, double(number))));
  }
  return step;
}

DenseScratch::DenseScratch(std::int64_t widest)
    : gradient(1, kGradientRows * kPanelWidth), turned(1, ceil_panels(widest) * kPanelWidth * widest) {}

DenseMap::DenseMap(const NamedTensor& weight, const NamedTensor* bias, bool relu)
    : in_(weight.shape[1]),
      out_(weight.shape[0]),
      relu_(relu),
      values_(1, panels() * in_ * kPanelWidth),
      first_(1, panels() * in_ * kPanelWidth),
      second_(1, panels() * in_ * kPanelWidth) {
  for (std::int64_t o = 0; o < out_; ++o) {
    float* column = weights(values_, o / kPanelWidth) + o % kPanelWidth;
    for (std::int64_t i = 0; i < in_; ++i) column[i * kPanelWidth] = weight.values[o * in_ + i];
  }
  if (bias == nullptr) return;
  bias_ = FloatRows(4, out_);
  std::copy(bias->values.begin(), bias->values.end(), bias_.row(0));
}

void DenseMap::store(NamedTensor& weight, NamedTensor* bias) const {
  for (std::int64_t o = 0; o < out_; ++o) {
    const float* column = weights(o / kPanelWidth) + o % kPanelWidth;
    for (std::int64_t i = 0; i < in_; ++i) weight.values[o * in_ + i] = column[i * kPanelWidth];
  }
  if (bias != nullptr) std::copy_n(bias_.data(), out_, bias->values.begin());
}

template <class Each>
void DenseMap::each_row(const Each& each) {
  const auto size = static_cast<std::size_t>(panels() * in_ * kPanelWidth);
  for (FloatRows* rows : {&values_, &first_, &second_}) each(rows->data(), size);
  if (bias_.data() == nullptr) return;
  for (const int row : {0, 1, 2}) each(bias_.row(row), static_cast<std::size_t>(out_));
}

void DenseMap::save(Encoder& encoder) const {
  encoder.put(steps_);
  const_cast<DenseMap*>(this)->each_row(
      [&](const float* row, std::size_t size) { encoder.put_list(std::vector<float>(row, row + size)); });
}

void DenseMap::restore(Decoder& decoder) {
  steps_ = decoder.get<std::int64_t>();
  each_row([&](float* row, std::size_t size) {
    const std::vector<float> values = decoder.get_list<float>();
    if (values.size() != size) decoder.refuse("a layer of another size than the network's");
    std::copy(values.begin(), values.end(), row);
  });
}

void DenseMap::forward(RowsView x, std::int64_t rows, FloatRows& y, bool add) const {
  const DenseKernels& kernels = dense_kernels();
  for (std::int64_t r = 0; r < rows; r += kRowBlock) {
    const std::int64_t block = std::min(kRowBlock, rows - r);
    for (std::int64_t p = 0; p < panels(); ++p) {
      float* to = y.row(r) + p * kPanelWidth;
      for (std::int64_t k = 0; k < in_; k += kDepthBlock) {
        const std::int64_t depth = std::min(kDepthBlock, in_ - k);
        const bool fresh = k == 0 && !add;
        const float* start = fresh ? (bias_.data() ? bias_.data() + p * kPanelWidth : kZeros) : to;
        kernels.product(x.row(r) + k, x.stride, block, weights(p) + k * kPanelWidth, kPanelWidth, depth,
                        start, fresh ? 0 : y.stride(), relu_ && k + depth == in_, to, y.stride());
      }
    }
  }
}

void DenseMap::input_gradient(RowsView d, std::int64_t rows, FloatRows& dx, DenseScratch& scratch) const {
  const DenseKernels& kernels = dense_kernels();
  for (std::int64_t i = 0; i < in_; i += kPanelWidth) {
    const std::int64_t width = std::min(kPanelWidth, in_ - i);
    float* turned = scratch.turned.data() + i * out_;
    if (width < kPanelWidth)
      std::memset(turned, 0, static_cast<std::size_t>(out_ * kPanelWidth) * sizeof(float));
    for (std::int64_t o = 0; o < out_; ++o) {
      const float* column = weights(o / kPanelWidth) + i * kPanelWidth + o % kPanelWidth;
      for (std::int64_t c = 0; c < width; ++c) turned[o * kPanelWidth + c] = column[c * kPanelWidth];
    }
  }
  for (std::int64_t r = 0; r < rows; r += kRowBlock) {
    const std::int64_t block = std::min(kRowBlock, rows - r);
    for (std::int64_t i = 0; i < in_; i += kPanelWidth) {
      kernels.product(d.row(r), d.stride, block, scratch.turned.data() + i * out_, kPanelWidth, out_, kZeros,
                      0, false, dx.row(r) + i, dx.stride());
    }
  }
}

void DenseMap::learn(RowsView x, RowsView d, std::int64_t rows, const Optimiser& optimiser,
                     DenseScratch& scratch) {
  const DenseKernels& kernels = dense_kernels();
  const OptimiserStep step = optimiser.step(++steps_);
  float* gradient = scratch.gradient.data();
  for (std::int64_t i = 0; i < in_; i += kGradientRows) {
    const std::int64_t count = std::min(kGradientRows, in_ - i);
    for (std::int64_t p = 0; p < panels(); ++p) {
      for (std::int64_t r = 0; r < rows; r += 2 * kRowBlock) {
        kernels.transposed_product(x.row(r) + i, x.stride, count, d.row(r) + p * kPanelWidth, d.stride,
                                   std::min(2 * kRowBlock, rows - r), r == 0 ? kZeros : gradient,
                                   r == 0 ? 0 : kPanelWidth, false, gradient, kPanelWidth);
      }
      const std::int64_t at = i * kPanelWidth;
      kernels.update(step, count * kPanelWidth, gradient, weights(values_, p) + at, weights(first_, p) + at,
                     weights(second_, p) + at);
    }
  }
  if (bias_.data() == nullptr) return;
  kernels.column_sums(d.data, d.stride, rows, out_, bias_.row(3));
  kernels.update(step, out_, bias_.row(3), bias_.row(0), bias_.row(1), bias_.row(2));
}

}  // namespace deepfog
