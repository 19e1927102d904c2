// Benchmark: RobustDiCE's partition of VGG16-BN for 224x224 images over four devices: all layers, three
// scores from 64 calibration images, Algorithm 1, and the one threshold that fits half of full replication's
// memory. Random weights and images: time and memory are those of trained ones, the scores are not.
//   bench_partition_vgg16 [IMAGES [NETWORK]]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "../models/cnn_sample.hpp"
#include "partition/baselines.hpp"
#include "partition/scores.hpp"
#include "partition/search.hpp"

namespace {

/// Time of the processor, which other work on the machine does not stretch as it does time by the clock.
class Laps {
 public:
  double lap() {
    const double now = cpu(), length = now - last_;
    last_ = now;
    return length;
  }
  double wall() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  static double peak_mb() { return double(usage().ru_maxrss) / 1024; }

 private:
  static rusage usage() {
    rusage found{};
    getrusage(RUSAGE_SELF, &found);
    return found;
  }
  static double cpu() {
    const rusage found = usage();
    const auto seconds = [](const timeval& time) {
      return double(time.tv_sec) + 1e-6 * double(time.tv_usec);
    };
    return seconds(found.ru_utime) + seconds(found.ru_stime);
  }
  double last_ = cpu();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

int main(int argc, char** argv) {
  using namespace deepfog;
  const std::int64_t images = argc > 1 ? std::atoll(argv[1]) : 64;
  const CnnSpec spec{argc > 2 ? argv[2] : "vgg16_bn", {3, 224, 224}, 1000};
  const Weights weights = test::random_weights(spec, 1);
  const torch::Tensor calibration = test::random_images(spec.image, images, 2);
  const auto layers = cut_plan(plan_cnn(spec)).layers;
  Laps laps;
  double cpu[kScores] = {};
  Scores scores(layers.size());
  for (int which = 0; which < kScores; ++which) {
    ScoreSpec how;
    how.use = {which == 0, which == 1, which == 2};
    const ImportanceScores found = importance_scores(spec, weights, calibration, how, "drawn");
    for (std::size_t l = 0; l < layers.size(); ++l) {
      scores[l].resize(found.scores[l].size(), Score{});
      for (std::size_t n = 0; n < scores[l].size(); ++n)
        scores[l][n][std::size_t(which)] = found.scores[l][n][std::size_t(which)];
    }
    cpu[which] = laps.lap();
  }
  RobustSpec robust;
  robust.devices = 4;
  robust.thresholds = {0.5};
  const Partition partition = robust_partition(scores, robust, "drawn");
  const double algorithm = laps.lap();
  const ThresholdSearch search(normalised(scores, robust.normalisation, robust.use), layers, robust.devices);
  const SearchResult half = search.for_memory(replicated_bytes(layers) / 2);
  const double searching = laps.lap();
  check_partition(partition, layers, "drawn");
  const bool fits =
      half.best >= 0 && half.points[std::size_t(half.best)].bytes <= replicated_bytes(layers) / 2;
  std::printf(
      "RESULT bench=partition_vgg16 network=%s images=%lld seconds=%.1f cpu_seconds=%.1f cpu_s1=%.2f "
      "cpu_s2=%.1f "
      "cpu_s3=%.1f cpu_algorithm1=%.2f cpu_search=%.1f peak_mb=%.0f equal=%d\n",
      spec.name.c_str(), static_cast<long long>(images), laps.wall(),
      cpu[0] + cpu[1] + cpu[2] + algorithm + searching, cpu[0], cpu[1], cpu[2], algorithm, searching,
      Laps::peak_mb(), fits ? 1 : 0);
  return fits ? 0 : 1;
}
