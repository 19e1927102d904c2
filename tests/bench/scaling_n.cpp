// Cost of an exact sweep over n: all 2^n counts and Equation 3, from reading nothing to the table. Small
// tables are compared with the plain loop over combinations.
#include <sys/resource.h>

#include <cstdio>

#include "evaluation/sweep.hpp"
#include "program.hpp"
#include "resilience/diagram.hpp"
#include "timing.hpp"
#include "training/trainer.hpp"

namespace deepfog::bench {
namespace {

constexpr std::int64_t kMemory = std::int64_t{1} << 30;
constexpr int kLargestLoop = 8;  // nodes: 256 forward passes

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

double average_accuracy(const SweepCounts& counts, double reliability, int n) {
  std::vector<double> accuracy(counts.correct.size());
  for (std::size_t b = 0; b < accuracy.size(); ++b)
    accuracy[b] = double(counts.correct[b]) / double(counts.samples);
  return average(accuracy, Reliability(n, reliability));
}

int scaling(const std::vector<std::string>& arguments) {
  set_threads(1);
  const Case subject = load_case(arguments[0], arguments[1], arguments[2]);
  const int n = subject.topology.failing();
  std::vector<double> seconds, cpu;
  SweepCounts counts;
  double accuracy = 0;
  for (int round = 0; round < kRounds; ++round) {
    counts = {};
    const Timer timer;
    counts =
        sweep_diagram(subject.topology, subject.columns, subject.weights, subject.test(), false, kMemory);
    accuracy = average_accuracy(counts, 0.95, n);
    seconds.push_back(timer.seconds());
    cpu.push_back(timer.cpu_seconds());
  }
  bool equal = true;
  std::string compared;
  if (n <= kLargestLoop) {
    equal =
        sweep_reference(subject.topology, subject.columns, subject.weights, subject.test(), false).correct ==
        counts.correct;
    compared = equal ? " equal=1" : " equal=0";
  }
  const Diagram diagram(subject.topology);
  const double classes = double(diagram.evaluations());
  std::printf(
      "RESULT bench=scaling_n n=%d combinations=%lld classes=%.0f last_classes=%lld seconds=%.4f "
      "cpu_seconds=%.4f "
      "microseconds_per_class=%.1f%s average_accuracy_095=%.6f peak_mib=%.0f samples=%lld rounds=%d "
      "threads=1\n",
      n, static_cast<long long>(counts.correct.size()), classes,
      static_cast<long long>(diagram.last_classes()), median(seconds), median(cpu),
      median(seconds) / classes * 1e6, compared.c_str(), accuracy, peak_mib(),
      static_cast<long long>(counts.samples), kRounds);
  return equal ? 0 : 1;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 3, "bench_scaling_n TOPOLOGY DATASET WEIGHTS",
                             deepfog::bench::scaling);
}
