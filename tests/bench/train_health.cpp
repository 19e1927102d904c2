// Training speed on Health against the bound that the machine's own sgemm sets: samples a second of train()
// over (sgemm rate / operations a sample). Both are measured in turns in one run, one thread.
#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "storage/dataset_file.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

constexpr int kRounds = 5;
constexpr std::int64_t kSamples = 61440;  // 60 batches of 1024

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Operations a second of one large product, the figure that nobody beats.
double sgemm_rate(std::int64_t m, std::int64_t n, std::int64_t k) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::rand({m, k}), b = torch::rand({k, n});
  torch::Tensor c = torch::empty({m, n});
  torch::mm_out(c, a, b);
  const Stopwatch watch;
  std::int64_t products = 0;
  for (; watch.seconds() < 0.5; ++products) torch::mm_out(c, a, b);
  return 2.0 * double(m * n * k) * double(products) / watch.seconds();
}

/// Multiply-adds count two; backward costs a product for the weights and one for the inputs, which the first
/// layer needs not.
double operations_per_sample(const Topology& topology) {
  double operations = 0;
  for (const Stage& stage : topology.stages()) {
    bool first = true;
    for (int link : stage.incoming)
      first = first && topology.is_source(topology.hyperconnections()[link].from);
    std::int64_t width = stage.expansion_width;
    for (const Layer& layer : stage.layers) {
      operations += (first ? 4.0 : 6.0) * double(width) * double(layer.width);
      width = layer.width;
      first = false;
    }
  }
  return operations;
}

double samples_per_second(const Topology& topology, const Dataset& dataset, std::uint64_t seed) {
  TrainingSpec spec;
  spec.epochs = 2;
  spec.batch_size = 1024;
  Stopwatch watch;
  double begin = 0, end = 0;
  train(topology, dataset, spec, seed, [&](std::int64_t epoch, double, double) {
    (epoch == 1 ? begin : end) = watch.seconds();  // the first epoch is warm-up
    return true;
  });
  return double(kSamples) / (end - begin);
}

void truncate(SampleSet& set, std::int64_t size) {
  set.labels.resize(size);
  set.values.resize(size * set.features);
}

int bench(const char* topology_path) {
  set_threads(1);
  const Topology topology = load_topology(topology_path);
  Dataset dataset = load_dataset(find_dataset("mhealth", dataset_folders()), "rows");
  truncate(dataset.train, std::min(kSamples, dataset.train.size()));
  truncate(dataset.validation, 64);
  if (dataset.train.size() < kSamples)
    throw UserError(dataset.name, "too few training samples for the benchmark");
  normalise(dataset, "standard");
  std::vector<double> large, shaped, speed, ratio;
  const double operations = operations_per_sample(topology);
  for (int round = 0; round < kRounds; ++round) {
    large.push_back(sgemm_rate(1024, 1024, 1024));
    shaped.push_back(sgemm_rate(1024, 250, 250));
    speed.push_back(samples_per_second(topology, dataset, round));
    ratio.push_back(speed.back() * operations / large.back());
  }
  std::printf(
      "RESULT bench=train_health ratio=%.3f samples_per_second=%.0f bound_samples_per_second=%.0f "
      "sgemm_gflops=%.1f sgemm_1024x250x250_gflops=%.1f train_gflops=%.1f data=%s rounds=%d threads=1\n",
      median(ratio), median(speed), median(large) / operations, median(large) / 1e9, median(shaped) / 1e9,
      median(speed) * operations / 1e9, dataset.origin.c_str(), kRounds);
  return 0;
}

}  // namespace
}  // namespace deepfog

int main(int argc, char** argv) {
  if (argc != 2 || std::strcmp(argv[1], "--help") == 0) {
    std::fprintf(stderr, "usage: bench_train_health TOPOLOGY\n");
    return argc == 2 ? 0 : 2;
  }
  try {
    return deepfog::bench(argv[1]);
  } catch (const deepfog::UserError& error) {
    std::fprintf(stderr, "bench_train_health: error: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_train_health: error: %s\n", error.what());
    return 1;
  }
}
