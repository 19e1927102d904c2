#include "sampling_cases.hpp"

#include <cmath>
#include <stdexcept>

#include "resilience/failure_strata.hpp"
#include "resilience/sampling.hpp"

namespace deepfog {
namespace {

constexpr double kGood = .9, kBad = .25;

bool none_alive(Combination c, Combination of) {
  return (c & of) == 0;
}
bool all_alive(Combination c, Combination of) {
  return (c & of) == of;
}

double survival(const Reliability& reliability, Combination of) {
  double product = 1;
  for (std::size_t i = 0; i < reliability.size(); ++i) product *= (of >> i & 1) != 0 ? reliability[i] : 1;
  return product;
}

double extinction(const Reliability& reliability, Combination of) {
  double product = 1;
  for (std::size_t i = 0; i < reliability.size(); ++i) product *= (of >> i & 1) != 0 ? 1 - reliability[i] : 1;
  return product;
}

/// The accuracy drops if all of these nodes have failed.
SamplingCase conjunction(const std::string& name, const Reliability& reliability, Combination nodes) {
  return {name, reliability, [nodes](Combination c) { return none_alive(c, nodes) ? kBad : kGood; },
          kGood - (kGood - kBad) * extinction(reliability, nodes)};
}

/// The accuracy drops if any of these nodes has failed.
SamplingCase disjunction(const std::string& name, const Reliability& reliability, Combination nodes) {
  return {name, reliability, [nodes](Combination c) { return all_alive(c, nodes) ? kGood : kBad; },
          kBad + (kGood - kBad) * survival(reliability, nodes)};
}

/// The accuracy is low unless all of these nodes have failed: a cliff upwards.
SamplingCase upward(const std::string& name, const Reliability& reliability, Combination nodes) {
  return {name, reliability, [nodes](Combination c) { return none_alive(c, nodes) ? kGood : kBad; },
          kBad + (kGood - kBad) * extinction(reliability, nodes)};
}

SamplingCase flat(const std::string& name, const Reliability& reliability, double value) {
  return {name, reliability, [value](Combination) { return value; }, value};
}

/// Every node costs its own number of points, between 1 and 10 parts.
SamplingCase linear(const std::string& name, const Reliability& reliability) {
  const std::size_t n = reliability.size();
  std::vector<double> cost(n);
  double sum = 0, average = kGood;
  for (std::size_t i = 0; i < n; ++i) sum += cost[i] = 1 + static_cast<double>(i * 7 % 10);
  for (std::size_t i = 0; i < n; ++i) average -= (kGood - kBad) * cost[i] / sum * (1 - reliability[i]);
  const auto accuracy = [cost, sum](Combination c) {
    double lost = 0;
    for (std::size_t i = 0; i < cost.size(); ++i) lost += (c >> i & 1) != 0 ? 0 : cost[i];
    return kGood - (kGood - kBad) * lost / sum;
  };
  return {name, reliability, accuracy, average};
}

/// Every failed node multiplies the accuracy by its own factor.
SamplingCase product(const std::string& name, const Reliability& reliability) {
  const std::size_t n = reliability.size();
  std::vector<double> left(n);
  double average = kGood;
  for (std::size_t i = 0; i < n; ++i) {
    left[i] = 1 - (i % 8 == 0 ? .5 : .02 * static_cast<double>(i % 3));
    average *= reliability[i] + (1 - reliability[i]) * left[i];
  }
  const auto accuracy = [left](Combination c) {
    double value = kGood;
    for (std::size_t i = 0; i < left.size(); ++i) value *= (c >> i & 1) != 0 ? 1 : left[i];
    return value;
  };
  return {name, reliability, accuracy, average};
}

/// The accuracy drops if at least `least` of the nodes 0 to `of` - 1 have failed.
SamplingCase threshold(const std::string& name, const Reliability& reliability, int least, int of) {
  const FailureStrata strata(Reliability(reliability.begin(), reliability.begin() + of));
  double falls = 0;
  for (int k = least; k < strata.count(); ++k) falls += strata.mass(k);
  const auto accuracy = [least, of](Combination c) { return failed_count(c, of) >= least ? kBad : kGood; };
  return {name, reliability, accuracy, kGood - (kGood - kBad) * falls};
}

/// The share of a binary tree's leaves that reach its root, node 0, over a path of live nodes.
SamplingCase tree(const std::string& name, double reliability, int levels) {
  const int n = (1 << levels) - 1, leaves = 1 << (levels - 1);
  const auto accuracy = [n, leaves](Combination c) {
    int reaching = 0;
    std::uint64_t reaches = c & 1;
    for (int i = 1; i < n; ++i) {
      const bool up = (c >> i & 1) != 0 && (reaches >> ((i - 1) / 2) & 1) != 0;
      if (up) reaches |= std::uint64_t{1} << i;
      if (up && i >= n - leaves) ++reaching;
    }
    return static_cast<double>(reaching) / leaves;
  };
  return {name, Reliability(static_cast<std::size_t>(n), reliability), accuracy,
          std::pow(reliability, levels)};
}

Reliability mixed(std::size_t n, double low, double high) {
  Reliability reliability(n);
  for (std::size_t i = 0; i < n; ++i) {
    reliability[i] = low + (high - low) * static_cast<double>(i * 13 % n) / static_cast<double>(n - 1);
  }
  return reliability;
}

}  // namespace

std::vector<SamplingCase> sampling_cases() {
  const Reliability hazardous40(40, .8), hazardous60(60, .8), poor40(40, .95), poor60(60, .95);
  const Reliability normal40(40, .99), normal60(60, .99), mixed50 = mixed(50, .7, .999);
  const Combination two = 0b11 << 5, three = 0b111 << 5, far = 1ULL << 2 | 1ULL << 31;
  return {
      conjunction("2 of 40 together, .9", Reliability(40, .9), two),
      conjunction("2 of 40 together, .95", poor40, two),
      conjunction("2 of 40 together, .99", normal40, two),
      conjunction("3 of 60 together, .8", hazardous60, three),
      conjunction("3 of 60 together, .9", Reliability(60, .9), three),
      conjunction("3 of 60 together, .95", poor60, three),
      conjunction("2 of 50 together, .7 to .999", mixed50, far),
      disjunction("2 of 40 alone, .99", normal40, two),
      disjunction("3 of 60 alone, .95", poor60, three),
      disjunction("3 of 60 alone, .8", hazardous60, three),
      upward("2 of 40 upwards, .95", poor40, two),
      upward("3 of 60 upwards, .8", hazardous60, three),
      linear("linear, 40 at .8", hazardous40),
      linear("linear, 60 at .95", poor60),
      linear("linear, 50 at .7 to .999", mixed50),
      product("product, 40 at .8", hazardous40),
      product("product, 60 at .99", normal60),
      tree("tree of 63 at .8", .8, 6),
      tree("tree of 63 at .98", .98, 6),
      flat("flat at .7, 60 at .8", hazardous60, .7),
      flat("flat at 1, 40 at .95", poor40, 1),
      threshold("10 of 40 failed, .8", hazardous40, 10, 40),
      threshold("3 of the first 8 of 60 failed, .95", poor60, 3, 8),
      threshold("5 of the first 9 of 50 failed, .7 to .999", mixed50, 5, 9),
  };
}

Coverage coverage(const SamplingCase& subject, std::int64_t budget, int seeds) {
  const auto evaluate = [&](const std::vector<Combination>& asked) {
    std::vector<double> values;
    values.reserve(asked.size());
    for (const Combination c : asked) values.push_back(subject.accuracy(c));
    return values;
  };
  Coverage result;
  result.seeds = seeds;
  for (int seed = 1; seed <= seeds; ++seed) {
    SamplingSpec spec;
    spec.budget = budget;
    spec.seed = static_cast<std::uint64_t>(seed);
    const SampledAverage average = sample_average(subject.reliability, spec, evaluate);
    if (!(average.lower <= average.estimate && average.estimate <= average.upper)) {
      throw std::runtime_error(subject.name + ": the estimate lies outside its interval");
    }
    constexpr double kRounding = 1e-12;
    const bool above = average.lower > subject.average + kRounding;
    const bool below = average.upper < subject.average - kRounding;
    result.above += above ? 1 : 0;
    result.below += below ? 1 : 0;
    result.covered += above || below ? 0 : 1;
    result.points += average.upper - average.lower <= average.ignored_mass + kRounding ? 1 : 0;
    result.width += (average.upper - average.lower) / seeds;
    result.bias += (average.estimate - subject.average) / seeds;
  }
  return result;
}

}  // namespace deepfog
