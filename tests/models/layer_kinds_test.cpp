// All layers except dense ones and the blocks of a DDNN, against plain loops, known layers and finite
// differences.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "models/stage_layer.hpp"

namespace deepfog {
namespace {

torch::Tensor drawn(const std::vector<std::int64_t>& shape, RandomStream& stream, double low, double high) {
  torch::Tensor x = torch::empty(shape, torch::kFloat64);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<double>()[i] = low + (high - low) * stream.uniform();
  return x;
}

/// A layer in double precision with random tensors, and a random input.
struct Drawn {
  Drawn(const Layer& of, const Shape& shape, std::uint64_t seed, std::int64_t rows = 4)
      : kind(of), size(size_of(shape)), layer(of, size.width, shape), stream(seed) {
    const torch::NoGradGuard no_grad;
    for (const LayerTensor& tensor : layer.tensors()) {
      torch::Tensor own = tensor.tensor;
      const bool variance = tensor.name.find("variance") != std::string::npos;
      own.set_data(drawn(own.sizes().vec(), stream, variance ? 0.2 : -1, variance ? 3 : 1));
    }
    x = drawn({rows, size.width}, stream, -1, 1);
  }
  const torch::Tensor& of(const std::string& name) const {
    for (const LayerTensor& tensor : layer.tensors()) {
      if (tensor.name == name) return tensor.tensor;
    }
    throw std::runtime_error("no tensor " + name);
  }
  torch::Tensor images() const { return x.reshape({x.size(0), size.shape[0], size.shape[1], size.shape[2]}); }
  torch::Tensor norm(const torch::Tensor& y, const std::string& prefix) const {
    const auto each = [&](const std::string& name) { return of(prefix + name).view({1, -1, 1, 1}); };
    return (y - each("mean")) / (each("variance") + 1e-5).sqrt() * each("scale") + each("shift");
  }

  Layer kind;
  VectorSize size;
  StageLayer layer;
  RandomStream stream;
  torch::Tensor x;
};

Layer layer_of(LayerKind kind, std::int64_t width, std::int64_t stride = 1, double rate = 0) {
  return {kind, width, stride, rate};
}

void expect_near(const torch::Tensor& one, const torch::Tensor& other, double tolerance = 1e-12) {
  ASSERT_EQ(one.sizes(), other.sizes());
  EXPECT_LT((one - other).abs().max().item<double>(), tolerance);
}

/// A 3x3 convolution padded with zeros, by the definition.
torch::Tensor convolved(const torch::Tensor& images, const torch::Tensor& weight, std::int64_t stride) {
  const std::int64_t height = images.size(2), width = images.size(3);
  const std::int64_t down = (height + stride - 1) / stride, across = (width + stride - 1) / stride;
  torch::Tensor y = torch::zeros({images.size(0), weight.size(0), down, across}, images.options());
  for (std::int64_t v = 0; v < down; ++v) {
    for (std::int64_t u = 0; u < across; ++u) {
      for (std::int64_t tap = 0; tap < 9; ++tap) {
        const std::int64_t from_v = v * stride + tap / 3 - 1, from_u = u * stride + tap % 3 - 1;
        if (from_v < 0 || from_v >= height || from_u < 0 || from_u >= width) continue;
        y.select(3, u).select(2, v) += torch::linear(images.select(3, from_u).select(2, from_v),
                                                     weight.select(3, tap % 3).select(2, tap / 3));
      }
    }
  }
  return y;
}

TEST(LayerKinds, ResidualAddsItsInputCutOrPadded) {
  for (const std::int64_t width : {2, 5, 9}) {
    const Drawn d(layer_of(LayerKind::residual, width), {5, 1, 1}, 1);
    const torch::Tensor inside = torch::linear(d.x, d.of("first.weight"), d.of("first.bias")).relu();
    torch::Tensor sum = torch::linear(inside, d.of("second.weight"), d.of("second.bias")).clone();
    for (std::int64_t i = 0; i < std::min<std::int64_t>(5, width); ++i) sum.select(1, i) += d.x.select(1, i);
    expect_near(d.layer.forward(d.x, false), sum.clamp_min(0));
  }
}

TEST(LayerKinds, Conv3EqualsTheDefinition) {
  for (const std::int64_t stride : {1, 2, 3}) {
    const Drawn d(layer_of(LayerKind::conv3, 4, stride), {3, 5, 7}, 2);
    const torch::Tensor y = d.norm(convolved(d.images(), d.of("weight"), stride), "norm.").clamp_min(0);
    expect_near(d.layer.forward(d.x, false), y.flatten(1));
    EXPECT_EQ(behind(d.kind, d.size).shape, (Shape{4, y.size(2), y.size(3)}));
  }
}

TEST(LayerKinds, SeparableIsAConvolutionOfDiagonalKernelsAndAProductAPixel) {
  for (const std::int64_t stride : {1, 2}) {
    const Drawn d(layer_of(LayerKind::separable, 5, stride), {3, 6, 5}, 3);
    torch::Tensor diagonal = torch::zeros({3, 3, 3, 3}, torch::kFloat64);
    for (std::int64_t c = 0; c < 3; ++c) diagonal[c][c] = d.of("depth.weight")[c][0];
    const torch::Tensor within = d.norm(convolved(d.images(), diagonal, stride), "depth.norm.").clamp_min(0);
    const torch::Tensor across = torch::einsum("rchw,fc->rfhw", {within, d.of("point.weight").flatten(1)});
    expect_near(d.layer.forward(d.x, false), d.norm(across, "point.norm.").clamp_min(0).flatten(1));
  }
}

TEST(LayerKinds, ResidualConvSubsamplesAndPadsChannels) {
  for (const auto& [filters, stride] : std::map<std::int64_t, std::int64_t>{{2, 1}, {3, 2}, {5, 2}, {6, 3}}) {
    const Drawn d(layer_of(LayerKind::residual_conv, filters, stride), {3, 5, 4}, 4);
    const torch::Tensor inside =
        d.norm(convolved(d.images(), d.of("first.weight"), stride), "first.norm.").clamp_min(0);
    torch::Tensor sum = d.norm(convolved(inside, d.of("second.weight"), 1), "second.norm.").clone();
    for (std::int64_t c = 0; c < std::min<std::int64_t>(3, filters); ++c) {
      for (std::int64_t v = 0; v < sum.size(2); ++v) {
        for (std::int64_t u = 0; u < sum.size(3); ++u)
          sum.select(3, u).select(2, v).select(1, c) +=
              d.images().select(3, u * stride).select(2, v * stride).select(1, c);
      }
    }
    expect_near(d.layer.forward(d.x, false), sum.clamp_min(0).flatten(1));
  }
}

TEST(LayerKinds, PoolIsTheMeanOfEveryChannel) {
  const Drawn d(layer_of(LayerKind::pool, 0), {3, 2, 4}, 5);
  expect_near(d.layer.forward(d.x, false), d.x.reshape({4, 3, 8}).mean(2));
  EXPECT_TRUE(d.layer.tensors().empty());
}

/// Cho et al., in LibTorch's form: the reset gate is applied to the product of the state including its bias.
TEST(LayerKinds, GruEqualsALoopOverSteps) {
  const std::int64_t features = 3, steps = 5, hidden = 4, rows = 6;
  const Drawn d(layer_of(LayerKind::gru, hidden), {features, 1, steps}, 6, rows);
  const torch::Tensor series = d.x.reshape({rows, features, steps});
  torch::Tensor state = torch::zeros({rows, hidden}, torch::kFloat64);
  std::vector<torch::Tensor> states;
  const auto gate = [&](const torch::Tensor& of, int number) {
    return of.narrow(1, number * hidden, hidden);
  };
  for (std::int64_t t = 0; t < steps; ++t) {
    const torch::Tensor in = torch::linear(series.select(2, t), d.of("input.weight"), d.of("input.bias"));
    const torch::Tensor back = torch::linear(state, d.of("state.weight"), d.of("state.bias"));
    const torch::Tensor reset = 1 / (1 + (-gate(in, 0) - gate(back, 0)).exp());
    const torch::Tensor update = 1 / (1 + (-gate(in, 1) - gate(back, 1)).exp());
    const torch::Tensor fresh = torch::tanh(gate(in, 2) + reset * gate(back, 2));
    state = (1 - update) * fresh + update * state;
    states.push_back(state);
  }
  const torch::Tensor y = d.layer.forward(d.x, false);
  expect_near(y, torch::stack(states, 2).flatten(1));
  const StageLayer last(layer_of(LayerKind::last, 0), hidden * steps, {hidden, 1, steps});
  expect_near(last.forward(y, false), state);
}

TEST(LayerKinds, DropoutIsNothingButInTrainingAndKeepsTheScale) {
  const StageLayer layer(layer_of(LayerKind::dropout, 0, 1, 0.25), 100, {});
  const torch::Tensor x = torch::ones({200, 100});
  EXPECT_TRUE(layer.forward(x, false).equal(x));
  RandomStream stream(7), again(7), other(8);
  const torch::Tensor y = layer.forward(x, true, &stream);
  const torch::Tensor kept = y.ne(0);
  EXPECT_TRUE(y.masked_select(kept).eq(4.0F / 3.0F).all().item<bool>());
  EXPECT_NEAR(kept.to(torch::kFloat64).mean().item<double>(), 0.75, 0.01);
  EXPECT_NEAR(y.mean().item<double>(), 1, 0.02);
  EXPECT_TRUE(layer.forward(x, true, &again).equal(y)) << "the same stream, the same units";
  EXPECT_FALSE(layer.forward(x, true, &stream).equal(y)) << "the stream goes on";
  EXPECT_FALSE(layer.forward(x, true, &other).equal(y));
}

class AnyKind : public testing::TestWithParam<std::pair<Layer, Shape>> {};

TEST_P(AnyKind, CostsWhatItLearnsAndKeepsAndGivesTheWidthItSays) {
  const auto& [kind, shape] = GetParam();
  Drawn d(kind, shape, 9);
  StageCost counted;
  for (const LayerTensor& tensor : d.layer.tensors())
    (tensor.learnt ? counted.parameters : counted.kept) += tensor.tensor.numel();
  const StageCost cost = cost_of(kind, d.size);
  EXPECT_EQ(cost.parameters, counted.parameters);
  EXPECT_EQ(cost.kept, counted.kept);
  EXPECT_EQ(d.layer.forward(d.x, false).size(1), behind(kind, d.size).width);
}

/// Compares gradients of a sum of cubes, in training, with finite differences of 1e-6.
TEST_P(AnyKind, LearnsAlongItsGradient) {
  const auto& [kind, shape] = GetParam();
  Drawn d(kind, shape, 10);
  const auto loss = [&] {
    RandomStream stream(11);
    return d.layer.forward(d.x, true, &stream).pow(3).sum();
  };
  std::vector<torch::Tensor> inputs{d.x};
  for (const LayerTensor& tensor : d.layer.tensors()) {
    if (tensor.learnt) inputs.push_back(tensor.tensor);
  }
  for (torch::Tensor& input : inputs) input.requires_grad_();
  loss().backward();
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& input : inputs) {
    for (std::int64_t i = 0; i < input.numel(); i += 1 + input.numel() / 12) {
      double& value = input.data_ptr<double>()[i];
      const double there = value, step = 1e-6;
      value = there + step;
      const double above = loss().item<double>();
      value = there - step;
      const double below = loss().item<double>();
      value = there;
      const double gradient = input.grad().view({-1})[i].item<double>(), slope = (above - below) / (2 * step);
      EXPECT_NEAR(gradient, slope, 1e-4 * std::max(1.0, std::abs(slope))) << i;
    }
  }
}

TEST_P(AnyKind, BeginsWithDrawnWeightsAndBiasesOfZero) {
  const auto& [kind, shape] = GetParam();
  StageLayer layer(kind, size_of(shape).width, shape), twin(kind, size_of(shape).width, shape);
  RandomStream stream(12), again(12);
  layer.initialise(stream);
  twin.initialise(again);
  for (std::size_t i = 0; i < layer.tensors().size(); ++i) {
    const LayerTensor& tensor = layer.tensors()[i];
    EXPECT_TRUE(tensor.tensor.equal(twin.tensors()[i].tensor)) << tensor.name;
    const bool drawn = tensor.tensor.dim() > 1, one = tensor.name.find("scale") != std::string::npos ||
                                                      tensor.name.find("variance") != std::string::npos;
    if (drawn) {
      EXPECT_GT(tensor.tensor.abs().min().item<float>(), 0) << tensor.name;
    } else {
      EXPECT_TRUE(tensor.tensor.eq(one ? 1 : 0).all().item<bool>()) << tensor.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, AnyKind,
                         testing::Values(std::pair{layer_of(LayerKind::residual, 7), Shape{5, 1, 1}},
                                         std::pair{layer_of(LayerKind::residual, 3), Shape{5, 1, 1}},
                                         std::pair{layer_of(LayerKind::dropout, 0, 1, 0.4), Shape{5, 2, 2}},
                                         std::pair{layer_of(LayerKind::conv3, 3, 2), Shape{2, 4, 5}},
                                         std::pair{layer_of(LayerKind::separable, 3), Shape{2, 4, 5}},
                                         std::pair{layer_of(LayerKind::separable, 4, 2), Shape{3, 5, 4}},
                                         std::pair{layer_of(LayerKind::residual_conv, 4, 2), Shape{3, 5, 4}},
                                         std::pair{layer_of(LayerKind::residual_conv, 2), Shape{3, 3, 4}},
                                         std::pair{layer_of(LayerKind::pool, 0), Shape{3, 3, 4}},
                                         std::pair{layer_of(LayerKind::gru, 4), Shape{3, 1, 5}},
                                         std::pair{layer_of(LayerKind::last, 0), Shape{3, 1, 5}}));

}  // namespace
}  // namespace deepfog
