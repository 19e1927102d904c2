#include "models/stage_layer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace deepfog {
namespace {

using Values = std::vector<double>;

Values values_of(const torch::Tensor& x) {
  const torch::Tensor flat = x.detach().to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

torch::Tensor drawn(const std::vector<std::int64_t>& shape, RandomStream& stream, double low, double high) {
  torch::Tensor x = torch::empty(shape);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<float>()[i] = float(low + (high - low) * stream.uniform());
  return x;
}

double sign(double x) {
  return x >= 0 ? 1 : -1;
}

std::map<std::string, torch::Tensor> by_name(const StageLayer& layer) {
  std::map<std::string, torch::Tensor> tensors;
  for (const LayerTensor& tensor : layer.tensors()) tensors[tensor.name] = tensor.tensor;
  return tensors;
}

/// Draws all tensors of a layer; the scale may be negative.
void draw(const StageLayer& layer, RandomStream& stream) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : by_name(layer)) {
    const bool variance = name == "norm.variance";
    tensor.copy_(drawn(tensor.sizes().vec(), stream, variance ? 0.2 : -1, variance ? 3 : 1));
  }
}

/// A 3x3 convolution, padded with zeros, then a 3x3 max-pool with stride 2: [rows, filters, h', w'].
Values convolved(const Values& x, const Values& weight, std::int64_t rows, const Shape& shape,
                 std::int64_t filters) {
  const std::int64_t channels = shape[0], height = shape[1], width = shape[2];
  const std::int64_t down = (height + 1) / 2, across = (width + 1) / 2;
  Values result;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t f = 0; f < filters; ++f) {
      Values map(static_cast<std::size_t>(height * width), 0.0);
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t z = 0; z < width; ++z) {
          for (std::int64_t tap = 0; tap < 9 * channels; ++tap) {
            const std::int64_t c = tap / 9, v = y + tap % 9 / 3 - 1, u = z + tap % 3 - 1;
            if (v < 0 || v >= height || u < 0 || u >= width) continue;
            map[y * width + z] +=
                x[((r * channels + c) * height + v) * width + u] * weight[(f * channels + c) * 9 + tap % 9];
          }
        }
      }
      for (std::int64_t y = 0; y < down; ++y) {
        for (std::int64_t z = 0; z < across; ++z) {
          double most = -std::numeric_limits<double>::infinity();
          for (std::int64_t v = std::max<std::int64_t>(0, 2 * y - 1); v < std::min(height, 2 * y + 2); ++v) {
            for (std::int64_t u = std::max<std::int64_t>(0, 2 * z - 1); u < std::min(width, 2 * z + 2); ++u)
              most = std::max(most, map[v * width + u]);
          }
          result.push_back(most);
        }
      }
    }
  }
  return result;
}

/// @param each  number of consecutive values per output: 1, or the size of a filter's map
Values normalised(Values x, const std::map<std::string, torch::Tensor>& kept, std::int64_t each) {
  const Values scale = values_of(kept.at("norm.scale")), shift = values_of(kept.at("norm.shift")),
               mean = values_of(kept.at("norm.mean")), variance = values_of(kept.at("norm.variance"));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t f = i / static_cast<std::size_t>(each) % scale.size();
    x[i] = (x[i] - mean[f]) / std::sqrt(variance[f] + 1e-5) * scale[f] + shift[f];
  }
  return x;
}

Values product_of(const Values& x, const Values& weight, std::int64_t rows, std::int64_t inputs) {
  Values result;
  const auto outputs = static_cast<std::int64_t>(weight.size()) / inputs;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      result.push_back(0);
      for (std::int64_t i = 0; i < inputs; ++i) result.back() += x[r * inputs + i] * weight[o * inputs + i];
    }
  }
  return result;
}

void expect_near(const torch::Tensor& x, const Values& expected, double tolerance = 1e-5) {
  const Values values = values_of(x);
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], tolerance) << i;
}

class Convolutions : public testing::TestWithParam<Shape> {};

TEST_P(Convolutions, EqualPlainLoops) {
  const Shape shape = GetParam();
  const std::int64_t rows = 3, filters = 4, inputs = shape[0] * shape[1] * shape[2],
                     map = (shape[1] + 1) / 2 * ((shape[2] + 1) / 2);
  RandomStream stream(1);
  const torch::Tensor x = drawn({rows, inputs}, stream, -1, 1);
  for (const LayerKind kind : {LayerKind::conv, LayerKind::binary_conv}) {
    const StageLayer layer({kind, filters}, inputs, shape);
    draw(layer, stream);
    auto kept = by_name(layer);
    Values weight = values_of(kept.at("weight"));
    const bool binary = kind == LayerKind::binary_conv;
    for (double& w : weight) w = binary ? sign(w) : w;
    Values expected = normalised(convolved(values_of(x), weight, rows, shape, filters), kept, map);
    for (double& value : expected) value = binary ? sign(value) : std::max(0.0, value);
    const torch::Tensor y = layer.forward(x, false);
    EXPECT_EQ(y.sizes().vec(), (std::vector<std::int64_t>{rows, filters * map}));
    expect_near(y, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Convolutions,
                         testing::Values(Shape{1, 4, 4}, Shape{3, 5, 7}, Shape{2, 1, 6}, Shape{2, 1, 1}));

TEST(StageLayer, ProductsEqualPlainLoops) {
  RandomStream stream(2);
  const torch::Tensor x = drawn({5, 6}, stream, -1, 1);
  for (const LayerKind kind :
       {LayerKind::linear, LayerKind::relu, LayerKind::norm_linear, LayerKind::binary_linear}) {
    const StageLayer layer({kind, 3}, 6, {});
    draw(layer, stream);
    const auto kept = by_name(layer);
    Values weight = values_of(kept.at("weight"));
    for (double& w : weight) w = kind == LayerKind::binary_linear ? sign(w) : w;
    Values expected = product_of(values_of(x), weight, 5, 6);
    if (kind == LayerKind::norm_linear || kind == LayerKind::binary_linear) {
      expected = normalised(expected, kept, 1);
    } else {
      const Values bias = values_of(kept.at("bias"));
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += bias[i % 3];
    }
    for (double& value : expected) value = kind == LayerKind::relu ? std::max(0.0, value) : value;
    expect_near(layer.forward(x, false), expected);
  }
}

/// In a distributed run, rows may arrive alone that the simulation has in a batch: sums of -1 and 1 are
/// exact.
TEST(StageLayer, ABinaryRowAloneEqualsTheRowInABatch) {
  RandomStream stream(3);
  const Shape shape{2, 5, 6};
  const StageLayer conv({LayerKind::binary_conv, 3}, 60, shape),
      linear({LayerKind::binary_linear, 3}, 27, {});
  draw(conv, stream);
  draw(linear, stream);
  const torch::Tensor signs = to_signs(drawn({70, 60}, stream, -1, 1));
  const torch::NoGradGuard no_grad;
  const torch::Tensor maps = conv.forward(signs, false), scores = linear.forward(maps, false);
  for (std::int64_t row = 0; row < 70; ++row) {
    const c10::InferenceMode inference;
    const torch::Tensor map = conv.forward(signs.narrow(0, row, 1), false);
    EXPECT_TRUE(map.equal(maps.narrow(0, row, 1)));
    EXPECT_TRUE(linear.forward(map, false).equal(scores.narrow(0, row, 1)));
  }
}

TEST(StageLayer, TrainingNormalisesByTheRowsAtHand) {
  RandomStream stream(4);
  const StageLayer layer({LayerKind::norm_linear, 2}, 3, {});
  draw(layer, stream);
  auto kept = by_name(layer);
  const torch::Tensor x = drawn({4, 3}, stream, -1, 1);
  const Values raw = product_of(values_of(x), values_of(kept.at("weight")), 4, 3);
  Values mean(2, 0.0), variance(2, 0.0);
  for (std::size_t i = 0; i < raw.size(); ++i) mean[i % 2] += raw[i] / 4;
  for (std::size_t i = 0; i < raw.size(); ++i) variance[i % 2] += std::pow(raw[i] - mean[i % 2], 2) / 4;
  std::map<std::string, torch::Tensor> batch = kept;
  batch["norm.mean"] = torch::tensor(mean);
  batch["norm.variance"] = torch::tensor(variance);
  Values running_mean = values_of(kept.at("norm.mean")),
         running_variance = values_of(kept.at("norm.variance"));
  for (std::size_t f = 0; f < 2; ++f) {
    running_mean[f] = 0.9 * running_mean[f] + 0.1 * mean[f];
    running_variance[f] = 0.9 * running_variance[f] + 0.1 * variance[f] * 4 / 3;  // unbiased
  }
  const torch::Tensor y = layer.forward(x, true);
  expect_near(y, normalised(raw, batch, 1), 1e-4);
  expect_near(kept.at("norm.mean"), running_mean);
  expect_near(kept.at("norm.variance"), running_variance);
  layer.forward(x, false);
  expect_near(kept.at("norm.mean"), running_mean);  // running statistics change in training only
}

TEST(ToSigns, ZeroIsOneAndTheGradientPassesWithinOne) {
  torch::Tensor x = torch::tensor({-1.5F, -1.0F, -0.2F, -0.0F, 0.0F, 0.7F, 1.0F, 1.5F}).requires_grad_();
  const torch::Tensor signs = to_signs(x);
  EXPECT_EQ(values_of(signs), (Values{-1, -1, -1, 1, 1, 1, 1, 1}));
  (signs * torch::tensor({1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F, 7.0F, 8.0F})).sum().backward();
  EXPECT_EQ(values_of(x.grad()), (Values{0, 2, 3, 4, 5, 6, 7, 0}));
}

TEST(StageLayer, BinaryWeightsLearnThroughTheirSigns) {
  RandomStream stream(5);
  const StageLayer layer({LayerKind::binary_linear, 2}, 3, {});
  draw(layer, stream);
  torch::Tensor weight = by_name(layer).at("weight");
  {
    const torch::NoGradGuard no_grad;
    weight[0][0] = 1.5;  // outside [-1, 1]: no gradient
  }
  weight.requires_grad_();
  layer.forward(drawn({6, 3}, stream, -1, 1), true).pow(3).sum().backward();
  EXPECT_EQ(weight.grad()[0][0].item<float>(), 0);
  EXPECT_NE(weight.grad()[1][1].item<float>(), 0);
}

TEST(StageLayer, BinaryWeightsAreClippedAndNoOthers) {
  const torch::NoGradGuard no_grad;
  for (const LayerKind kind : {LayerKind::relu, LayerKind::linear, LayerKind::conv, LayerKind::binary_conv,
                               LayerKind::norm_linear, LayerKind::binary_linear}) {
    StageLayer layer({kind, 2}, 4, {1, 2, 2});
    for (auto& [name, tensor] : by_name(layer)) tensor.fill_(-3);
    layer.clip();
    const bool binary = kind == LayerKind::binary_conv || kind == LayerKind::binary_linear;
    for (const auto& [name, tensor] : by_name(layer))
      EXPECT_EQ(tensor.max().item<float>(), binary && name == "weight" ? -1 : -3) << name;
  }
}

TEST(StageLayer, BeginsAsTheIdentityOfNormAndGlorotsWeights) {
  StageLayer layer({LayerKind::binary_conv, 5}, 3 * 4 * 4, {3, 4, 4});
  RandomStream stream(6), again(6);
  layer.initialise(stream);
  const auto kept = by_name(layer);
  std::vector<std::string> names;
  for (const LayerTensor& tensor : layer.tensors()) names.push_back(tensor.name + (tensor.learnt ? "" : "!"));
  EXPECT_EQ(names,
            (std::vector<std::string>{"weight", "norm.scale", "norm.shift", "norm.mean!", "norm.variance!"}));
  EXPECT_EQ(kept.at("weight").sizes().vec(), (std::vector<std::int64_t>{5, 3, 3, 3}));
  EXPECT_EQ(values_of(kept.at("norm.scale")), Values(5, 1.0));
  EXPECT_EQ(values_of(kept.at("norm.shift")), Values(5, 0.0));
  EXPECT_EQ(values_of(kept.at("norm.mean")), Values(5, 0.0));
  EXPECT_EQ(values_of(kept.at("norm.variance")), Values(5, 1.0));
  const double bound = std::sqrt(6.0 / ((5 + 3) * 9));  // inputs and outputs of a window
  const double most = kept.at("weight").abs().max().item<double>();
  EXPECT_LE(most, bound + 1e-7);
  EXPECT_GT(most, 0.9 * bound);
  StageLayer twin({LayerKind::conv, 5}, 3 * 4 * 4, {3, 4, 4});
  twin.initialise(again);
  EXPECT_TRUE(by_name(twin).at("weight").equal(kept.at("weight"))) << "the same stream, the same weights";
}

}  // namespace
}  // namespace deepfog
