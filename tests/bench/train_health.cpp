// Training speed on Health against the bound that the machine's own sgemm sets: samples a second of train()
// over (sgemm rate / operations a sample). Both are measured in turns in one run, one thread.
#include <cstdio>

#include "core/error.hpp"
#include "program.hpp"
#include "sgemm.hpp"
#include "storage/dataset_file.hpp"
#include "training/trainer.hpp"

namespace deepfog::bench {
namespace {

constexpr std::int64_t kSamples = 61440;  // 60 batches of 1024

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
  const Timer timer;
  double begin = 0, end = 0;
  train(topology, dataset, spec, seed, [&](std::int64_t epoch, double, double) {
    (epoch == 1 ? begin : end) = timer.seconds();  // the first epoch is warm-up
    return true;
  });
  return double(kSamples) / (end - begin);
}

void truncate(SampleSet& set, std::int64_t size) {
  set.labels.resize(size);
  set.values.resize(size * set.features);
}

int train_health(const std::vector<std::string>& arguments) {
  set_threads(1);
  const Topology topology = load_topology(arguments[0]);
  Dataset dataset = load_dataset(find_dataset("mhealth", dataset_folders()), "rows");
  truncate(dataset.train, std::min(kSamples, dataset.train.size()));
  truncate(dataset.validation, 64);
  if (dataset.train.size() < kSamples)
    throw UserError(dataset.name, "too few training samples for the benchmark");
  normalise(dataset, "standard");
  std::vector<double> large, shaped, speed, ratio;
  const double operations = operations_per_sample(topology);
  for (int round = 0; round < kRounds; ++round) {
    large.push_back(sgemm_rate(1024, 1024, 1024).wall);
    shaped.push_back(sgemm_rate(1024, 250, 250).wall);
    speed.push_back(samples_per_second(topology, dataset, round));
    ratio.push_back(speed.back() * operations / large.back());
  }
  std::printf(
      "RESULT bench=train_health ratio=%.3f samples_per_second=%.0f bound_samples_per_second=%.0f "
      "sgemm_gflops=%.1f sgemm_1024x250x250_gflops=%.1f train_gflops=%.1f data=%s blas_core=%s rounds=%d "
      "threads=1\n",
      median(ratio), median(speed), median(large) / operations, median(large) / 1e9, median(shaped) / 1e9,
      median(speed) * operations / 1e9, dataset.origin.c_str(), blas_core(), kRounds);
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 1, "bench_train_health TOPOLOGY", deepfog::bench::train_health);
}
