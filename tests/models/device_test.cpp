#include "models/device.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/error.hpp"
#include "models/torch_device.hpp"
#include "small_ddnn.hpp"

namespace deepfog {
namespace {

std::string refusal(const std::string& word, int gpus) {
  try {
    choose_device(word, 0, gpus);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(Device, RanksOfAHostTakeItsGpusInTurn) {
  for (int rank = 0; rank < 9; ++rank) EXPECT_EQ(choose_device("cuda", rank, 4), Device{rank % 4}) << rank;
  EXPECT_EQ(choose_device("cuda", 7, 1), Device{0});
  EXPECT_FALSE(choose_device("cpu", 3, 4).is_gpu());
}

TEST(Device, WhereThereIsNoneItIsRefused) {
  EXPECT_EQ(refusal("cuda", 0), "--device cuda: this LibTorch sees no GPU (cpu allowed)");
  EXPECT_EQ(refusal("tpu", 4), "--device: unknown 'tpu' (cpu, cuda allowed)");
  EXPECT_EQ(refusal("", 4), "--device: unknown '' (cpu, cuda allowed)");
  EXPECT_EQ(refusal("cpu", 0), "");
}

TEST(Device, TheProcessorNeedsNoGpu) {
  EXPECT_EQ(torch_device({}), torch::Device(torch::kCPU));
  EXPECT_EQ(torch_device({2}), torch::Device(torch::kCUDA, 2));
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

/// Without a GPU, another element type stands in for another device: tensors that a stage creates must have
/// the type of its inputs, or the two cannot be combined.
TEST(Device, WhatStagesMakeIsOfTheKindOfTheirInputs) {
  for (const char* text : {test::kDevicesAndCloud, test::kDevicesEdgesAndCloud}) {
    const test::SmallDdnn p(text, 3, 40);
    const torch::NoGradGuard no_grad;
    Network single(p.topology, p.columns), twin(p.topology, p.columns);
    single->load(p.weights, "w");
    twin->load(p.weights, "w");
    twin->to(torch::kFloat64);
    const torch::Tensor rows = torch::from_blob(const_cast<float*>(p.set.values.data()),
                                                {p.set.size(), p.set.features}, torch::kFloat32);
    for (Combination c = 0; c < Combination{1} << p.topology.failing(); ++c) {
      const torch::Tensor expected = single->forward(rows, c),
                          scores = twin->forward(rows.to(torch::kFloat64), c);
      ASSERT_EQ(scores.defined(), expected.defined());
      if (!scores.defined()) continue;
      EXPECT_EQ(scores.scalar_type(), torch::kFloat64);
      const double answered_alike =
          scores.select(1, 3).eq(expected.select(1, 3)).to(torch::kFloat64).mean().item<double>();
      EXPECT_GT(answered_alike, 0.9) << c;  // some entropies lie at a threshold, some sums at zero
    }
  }
}

}  // namespace
}  // namespace deepfog
