// Certified bounds of the average accuracy of a network with far too many failure combinations to list, and a
// plain Monte Carlo estimate that must lie within them.
#include <cmath>
#include <cstdio>

#include "core/seed.hpp"
#include "core/statistics.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "evaluation/sweep.hpp"
#include "program.hpp"
#include "resilience/bounds.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

constexpr std::int64_t kMemory = std::int64_t{1} << 30;
constexpr double kReliability = 0.995, kWidth = 0.002;
constexpr std::int64_t kDraws = 1'000'000;

/// Accuracy of every class of the last stage that is not known yet.
EvaluateClasses evaluator(const Case& subject) {
  return [&subject](const std::vector<StageClasses>& stages, const std::vector<std::int64_t>& known) {
    DiagramSweep sweep(subject.topology, subject.columns, subject.weights, stages, false, kMemory);
    sweep.add(subject.test());
    std::vector<double> accuracies;
    for (std::int64_t c = known.back() + 1; c <= stages.back().count; ++c)
      accuracies.push_back(double(sweep.counts().correct[c]) / double(subject.test().size));
    return accuracies;
  };
}

std::vector<Combination> draw(int n, std::int64_t draws) {
  RandomStream stream(1);
  std::vector<Combination> combinations(draws, 0);
  for (Combination& combination : combinations) {
    for (int i = 0; i < n; ++i)
      if (stream.uniform() < kReliability) combination |= Combination{1} << i;
  }
  return combinations;
}

int bound(const std::vector<std::string>& arguments) {
  const Case subject = load_case(arguments[0], arguments[1], arguments[2]);
  const int n = subject.topology.failing();
  const double guess = guess_accuracy(subject.dataset, guess_probabilities(subject.dataset, "uniform"));
  const NamedReliability settings{{"all", Reliability(n, kReliability)}};
  BoundsTarget target;
  target.width = kWidth;
  std::vector<double> seconds, cpu;
  BoundsResult result;
  for (int round = 0; round < kRounds; ++round) {
    const Timer timer;
    ClassAccuracies accuracies(subject.topology, guess, evaluator(subject));
    result = bound_averages(settings, target, accuracies);
    seconds.push_back(timer.seconds());
    cpu.push_back(timer.cpu_seconds());
  }
  const SettingBounds& bounds = result.settings.front();
  ClassAccuracies drawn(subject.topology, guess, evaluator(subject));
  const Timer timer;
  const std::vector<double> values = drawn.of(draw(n, kDraws));
  const double estimate = mean(values), error = standard_deviation(values) / std::sqrt(double(kDraws));
  const bool contained = bounds.lower <= estimate && estimate <= bounds.upper;
  std::printf(
      "RESULT bench=tree64 seconds=%.3f cpu_seconds=%.3f width=%.6f lower=%.6f upper=%.6f contained=%d "
      "monte_carlo=%.6f monte_carlo_error=%.6f monte_carlo_seconds=%.1f monte_carlo_classes=%lld draws=%lld "
      "combinations=%lld classes=%lld evaluations=%lld failing=%d samples=%lld data=%s rounds=%d "
      "threads=1\n",
      median(seconds), median(cpu), bounds.width(), bounds.lower, bounds.upper, int(contained), estimate,
      error, timer.seconds(), static_cast<long long>(drawn.diagram().last_classes()),
      static_cast<long long>(kDraws), static_cast<long long>(result.combinations),
      static_cast<long long>(result.classes), static_cast<long long>(result.evaluations), n,
      static_cast<long long>(subject.test().size), subject.dataset.origin.c_str(), kRounds);
  return contained && bounds.closed ? 0 : 1;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 3, "bench_tree64 TOPOLOGY DATASET WEIGHTS", deepfog::bench::bound);
}
