// Benchmark: RobustDiCE's partition of VGG16-BN for 224x224 images, all layers, three scores. Built on
// demand: ninja partition_vgg16; OMP_NUM_THREADS=1 partition_vgg16 [images [network]]. Random weights and
// images: time and memory are those of trained ones, the scores are not.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "../models/cnn_sample.hpp"
#include "partition/scores.hpp"
#include "partition/search.hpp"

namespace {

/// Time of the processor, which other work on the machine does not stretch as it does time by the clock.
class Stopwatch {
 public:
  void lap(const char* what) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return double(time.tv_sec) + 1e-6 * double(time.tv_usec);
    };
    const double cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    const auto now = std::chrono::steady_clock::now();
    std::printf("%-34s %8.1f s of CPU, %8.1f s, peak %5.0f MB\n", what, cpu - cpu_,
                std::chrono::duration<double>(now - last_).count(), double(usage.ru_maxrss) / 1024);
    std::fflush(stdout);
    cpu_ = cpu;
    last_ = now;
  }

 private:
  double cpu_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

int main(int argc, char** argv) {
  using namespace deepfog;
  const std::int64_t images = argc > 1 ? std::atoll(argv[1]) : 64;
  const CnnSpec spec{argc > 2 ? argv[2] : "vgg16_bn", {3, 224, 224}, 1000};
  Stopwatch watch;
  const Weights weights = test::random_weights(spec, 1);
  const torch::Tensor calibration = test::random_images(spec.image, images, 2);
  const auto layers = cut_plan(plan_cnn(spec)).layers;
  watch.lap("weights and images");
  Scores scores(layers.size());
  for (int which = 0; which < kScores; ++which) {
    ScoreSpec how;
    how.use = {which == 0, which == 1, which == 2};
    const ImportanceScores found = importance_scores(spec, weights, calibration, how, "drawn");
    for (std::size_t l = 0; l < layers.size(); ++l) {
      scores[l].resize(found.scores[l].size(), Score{});
      for (std::size_t n = 0; n < scores[l].size(); ++n) {
        scores[l][n][std::size_t(which)] = found.scores[l][n][std::size_t(which)];
      }
    }
    watch.lap(which == 0 ? "s1" : which == 1 ? "s2" : "s3");
  }
  RobustSpec robust;
  robust.devices = 4;
  robust.thresholds = {0.5};
  const Partition partition = robust_partition(scores, robust, "drawn");
  watch.lap("Algorithm 1, steps 2 and 3");
  const ThresholdSearch search(normalised(scores, robust.normalisation, robust.use), layers, robust.devices);
  const SearchResult half = search.for_memory(replicated_bytes(layers) / 2);
  watch.lap("one threshold for half the memory");
  std::printf("%s", summary(partition, layers).c_str());
  if (half.best >= 0) {
    const SearchPoint& best = half.points[std::size_t(half.best)];
    std::printf("half the memory: t = %.6g, %.1f MB\n", best.thresholds[0], double(best.bytes) / 1e6);
  }
  return 0;
}
