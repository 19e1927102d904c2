#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "../models/small_ddnn.hpp"
#include "evaluation/sweep.hpp"
#include "models/torch_device.hpp"
#include "sweep_problem.hpp"

namespace deepfog {
namespace {

/// Compares counts on the processor and on a GPU. Runs only if there is a GPU.
class GpuSweep : public testing::Test {
 protected:
  void SetUp() override {
    if (visible_gpus() == 0) GTEST_SKIP() << "SKIPPED: this LibTorch sees no GPU";
  }
  const Device gpu_ = {0};
};

std::int64_t differing(const std::vector<std::int64_t>& one, const std::vector<std::int64_t>& other) {
  EXPECT_EQ(one.size(), other.size());
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) sum += std::abs(one[i] - other[i]);
  return sum;
}

TEST_F(GpuSweep, DenseNetworksGiveEqualCounts) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SweepProblem p = random_problem(seed, 500);
    const auto sweep = [&](const Device& device) {
      return sweep_reference(p.topology, p.columns, p.weights, view(p.samples), true, device);
    };
    const SweepCounts on_gpu = sweep(gpu_), here = sweep({});
    EXPECT_EQ(on_gpu.correct, here.correct) << p.topology.text();
    EXPECT_EQ(on_gpu.confusion, here.confusion) << p.topology.text();
  }
}

TEST_F(GpuSweep, NetworksWithExitsGiveEqualCountsButForTies) {
  for (const char* text : {test::kDevicesAndCloud, test::kDevicesEdgesAndCloud}) {
    const test::SmallDdnn p(text, 5, 1000);
    const SweepCounts here = sweep_diagram(p.topology, p.columns, p.weights, view(p.set), true);
    const auto compare = [&](const SweepCounts& on_gpu, const char* how) {
      const auto predictions = static_cast<std::int64_t>(here.correct.size()) * here.samples;
      const std::int64_t ties = differing(on_gpu.correct, here.correct);
      std::cout << p.topology.name() << ", " << how << ": " << ties << " of " << predictions
                << " predictions differ\n";
      EXPECT_LE(ties, predictions / 1000) << how;
      EXPECT_LE(differing(on_gpu.exits.answered, here.exits.answered), predictions / 500) << how;
    };
    compare(sweep_diagram(p.topology, p.columns, p.weights, view(p.set), true, std::int64_t{1} << 30, gpu_),
            "by stages");
    compare(sweep_reference(p.topology, p.columns, p.weights, view(p.set), true, gpu_), "plain loop");
  }
}

}  // namespace
}  // namespace deepfog
