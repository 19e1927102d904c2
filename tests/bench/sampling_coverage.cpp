// How often the sampled 95 % interval holds the true average, and how wide it is, case by case over fixed
// seeds; beside it plain draws from all combinations, as many, with two intervals that anybody could make of
// them: that of upper_mean_975 (Clopper and Pearson's where a table has two values), and the empirical
// Bernstein bound (Maurer and Pontil, 2009).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "core/bounded_mean.hpp"
#include "core/seed.hpp"
#include "core/statistics.hpp"
#include "sampling_cases.hpp"

namespace deepfog::bench {
namespace {

constexpr double kLeastCoverage = .93;

Combination plain_draw(const Reliability& reliability, RandomStream& stream) {
  Combination combination = 0;
  for (std::size_t i = 0; i < reliability.size(); ++i) {
    if (stream.uniform() < reliability[i]) combination |= Combination{1} << i;
  }
  return combination;
}

struct Plain {
  double covered = 0, width = 0, bernstein_covered = 0, bernstein_width = 0;
};

Plain plain(const SamplingCase& subject, std::int64_t budget, int seeds) {
  Plain result;
  const auto hold = [&](double low, double high, double& covered, double& width) {
    low = std::max(low, 0.0), high = std::min(high, 1.0);
    covered += low - 1e-12 <= subject.average && subject.average <= high + 1e-12 ? 1.0 / seeds : 0;
    width += (high - low) / seeds;
  };
  for (int seed = 1; seed <= seeds; ++seed) {
    RandomStream stream(
        derive_seed(static_cast<std::uint64_t>(seed), "coverage", subject.name, budget, "plain"));
    std::vector<double> values;
    for (std::int64_t i = 0; i < budget; ++i)
      values.push_back(subject.accuracy(plain_draw(subject.reliability, stream)));
    hold(lower_mean_975(values, 0), upper_mean_975(values, 1), result.covered, result.width);
    const double n = double(budget), confidence = std::log(4 / .05);
    const double half =
        standard_deviation(values) * std::sqrt(2 * confidence / n) + 7 * confidence / 3 / (n - 1);
    hold(mean(values) - half, mean(values) + half, result.bernstein_covered, result.bernstein_width);
  }
  return result;
}

int report(int seeds, std::int64_t budget, bool with_plain) {
  int short_of = 0;
  for (const SamplingCase& subject : sampling_cases()) {
    const Coverage found = coverage(subject, budget, seeds);
    std::string beside;
    if (with_plain) {
      const Plain other = plain(subject, budget, seeds);
      char text[200];
      std::snprintf(text, sizeof text,
                    " plain_coverage=%.3f plain_width=%.6f bernstein_coverage=%.3f bernstein_width=%.6f",
                    other.covered, other.width, other.bernstein_covered, other.bernstein_width);
      beside = text;
    }
    std::printf(
        "RESULT bench=sampling_coverage case=\"%s\" budget=%lld seeds=%d coverage=%.3f too_high=%d "
        "too_low=%d "
        "without_width=%d width=%.6f bias=%+.6f%s\n",
        subject.name.c_str(), static_cast<long long>(budget), seeds, found.share(), found.above, found.below,
        found.points, found.width, found.bias, beside.c_str());
    short_of += found.share() < kLeastCoverage ? 1 : 0;
  }
  return short_of;
}

}  // namespace
}  // namespace deepfog::bench

int main() {
  using deepfog::bench::report;
  const int short_of = report(500, 500, true) + report(500, 2000, true) + report(500, 20000, false);
  std::fflush(stdout);
  return short_of == 0 ? 0 : 1;
}
