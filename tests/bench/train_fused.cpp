// Training the runs of one model together (train_fused) against one by one (train), in turns in one
// process, one thread, by processor time: R = 10 and 5 runs.
//   camera     configs/paper-camera.ini's deepFogGuard: 18,432 inputs, widths 32, batch 64
//   small      three-nodes.topology on drawn data: 10 inputs, widths 16, batch 64
//   health     deepFogGuard's Health network: widths 250, batch 1024, where products dominate
#include <cstdio>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "program.hpp"
#include "storage/dataset_file.hpp"
#include "timing.hpp"
#include "training/fused_trainer.hpp"

namespace deepfog::bench {
namespace {

struct Problem {
  std::string name;
  Topology topology;
  Dataset dataset;
  TrainingSpec spec;
};

SampleSet drawn(std::int64_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  SampleSet set;
  set.features = 10;
  while (set.size() < size) {
    double sum[2] = {0, 0};
    for (int i = 0; i < 10; ++i) {
      set.values.push_back(static_cast<float>(2 * stream.uniform() - 1));
      sum[i % 2] += set.values.back();
    }
    set.labels.push_back(sum[0] * sum[1] > 0.3 ? 0 : (sum[0] > 0 ? 1 : 2));
  }
  return set;
}

Problem small(const std::string& folder) {
  Problem problem{"small", load_topology(folder + "/three-nodes.topology"), {}, {}};
  problem.dataset.name = "drawn";
  problem.dataset.origin = "synthetic";
  problem.dataset.class_names = {"same", "positive", "negative"};
  problem.dataset.sources = {{"left", 4}, {"right", 6}};
  problem.dataset.train = drawn(6400, 1);
  problem.dataset.validation = drawn(1000, 2);
  problem.spec.epochs = 5;
  return problem;
}

Problem camera(const std::string& folder) {
  Problem problem{"camera",
                  load_topology(folder + "/camera-deepfogguard.topology"),
                  load_dataset(find_dataset("camera", dataset_folders()), "official"),
                  {}};
  problem.spec.class_weights = "balanced";
  problem.spec.epochs = 10;
  return problem;
}

Problem health(const std::string& folder) {
  Problem problem{"health",
                  load_topology(folder + "/health-deepfogguard.topology"),
                  load_dataset(find_dataset("mhealth", dataset_folders()), "rows"),
                  {}};
  problem.dataset.validation.labels.resize(1024);
  problem.dataset.validation.values.resize(1024 * problem.dataset.validation.features);
  normalise(problem.dataset, "standard");
  problem.spec.batch_size = 1024;
  problem.spec.max_train_samples = 10240;
  problem.spec.epochs = 1;
  return problem;
}

void compare(const Problem& problem, std::uint64_t runs) {
  std::vector<double> one, fused_trainer, speedup;
  double worst = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::uint64_t> seeds;
    for (std::uint64_t r = 0; r < runs; ++r) seeds.push_back(100 * round + r);
    std::vector<double> accuracies;
    const Timer by_one;
    for (std::uint64_t seed : seeds) {
      accuracies.push_back(
          train(problem.topology, problem.dataset, problem.spec, seed, nullptr).validation_accuracy);
    }
    one.push_back(by_one.cpu_seconds());
    const Timer at_once;
    const auto models = train_fused(problem.topology, problem.dataset, problem.spec, seeds, nullptr);
    fused_trainer.push_back(at_once.cpu_seconds());
    speedup.push_back(one.back() / fused_trainer.back());
    double mean = 0;
    for (std::size_t r = 0; r < runs; ++r) mean += models[r].validation_accuracy - accuracies[r];
    worst = std::max(worst, std::abs(mean / double(runs)));
  }
  std::printf(
      "RESULT bench=train_fused case=%s runs=%d speedup=%.2f one_by_one_cpu_s=%.3f together_cpu_s=%.3f "
      "mean_accuracy_difference=%.5f data=%s rounds=%d threads=1\n",
      problem.name.c_str(), static_cast<int>(runs), median(speedup), median(one), median(fused_trainer),
      worst, problem.dataset.origin.c_str(), kRounds);
}

int train_fused_all(const std::vector<std::string>& arguments) {
  set_threads(1);
  for (Problem (*make)(const std::string&) : {camera, small, health}) {
    const Problem problem = make(arguments[0]);
    compare(problem, 10);
    compare(problem, 5);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 1, "bench_train_fused TOPOLOGY_FOLDER",
                             deepfog::bench::train_fused_all);
}
