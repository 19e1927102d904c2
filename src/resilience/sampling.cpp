#include "resilience/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "core/statistics.hpp"
#include "resilience/failure_strata.hpp"

namespace deepfog {
namespace {

// Allocation takes no stratum for more even than this: a pilot may miss what is rare.
constexpr double kLeastDeviation = 0.01;

class Sampler {
 public:
  Sampler(const Reliability& reliability, const SamplingSpec& spec, const EvaluateCombinations& evaluate)
      : strata_(reliability), spec_(spec), evaluate_(evaluate) {
    for (int k = 0; k < strata_.count(); ++k) {
      if (strata_.mass(k) > 0) plans_.emplace_back(k, strata_.mass(k), spec.seed);
    }
  }

  SampledAverage run() {
    choose_uses();
    const std::int64_t listed = list_exact();
    const std::int64_t left = spec_.budget - listed, sampled = count(StratumUse::sampled);
    if (sampled > 0) {
      if (left < 4 * sampled) {
        throw std::invalid_argument("a budget of " + std::to_string(spec_.budget) + " combinations for " +
                                    std::to_string(sampled) + " strata to sample (at least 4 a stratum)");
      }
      const std::int64_t pilot = std::max<std::int64_t>(2, std::min(spec_.pilot, left / 2 / sampled));
      for (Plan& plan : plans_) plan.wanted = plan.use == StratumUse::sampled ? pilot : 0;
      draw_wanted();
      evaluate_asked();
      allocate(left - pilot * sampled);
      draw_wanted();
    }
    evaluate_asked();
    return summary();
  }

 private:
  struct Plan {
    Plan(int stratum, double mass, std::uint64_t seed)
        : stratum(stratum), mass(mass), stream(derive_seed(seed, "sampling", "failures", stratum, "draws")) {}
    int stratum;
    double mass;
    RandomStream stream;
    StratumUse use = StratumUse::sampled;
    std::vector<double> weights;  ///< of the combinations of an exact stratum
    std::vector<double> values;
    std::int64_t wanted = 0;  ///< draws still to make
  };

  std::int64_t count(StratumUse use) const {
    return std::count_if(plans_.begin(), plans_.end(), [use](const Plan& plan) { return plan.use == use; });
  }

  double size(const Plan& plan) const { return strata_.size(plan.stratum); }

  void choose_uses() {
    double all = 0;
    for (const Plan& plan : plans_) all += size(plan);
    const auto budget = static_cast<double>(spec_.budget);
    if (all > budget) ignore_least();
    double left = all > budget ? budget / 2 : budget;
    const auto order =
        sorted([this](const Plan* a, const Plan* b) { return a->mass / size(*a) > b->mass / size(*b); });
    for (Plan* plan : order) {
      if (plan->use == StratumUse::ignored || size(*plan) > left) continue;
      plan->use = StratumUse::exact;
      left -= size(*plan);
    }
  }

  void ignore_least() {
    double ignored = 0;
    for (Plan* plan : sorted([](const Plan*a, const Plan*b) { return a->mass < b->mass; })) {
      ignored += plan->mass;
      if (ignored > spec_.ignored_mass) return;
      plan->use = StratumUse::ignored;
    }
  }

  template <typename Before>
  std::vector<Plan*> sorted(Before before) {
    std::vector<Plan*> order;
    for (Plan& plan : plans_) order.push_back(&plan);
    std::stable_sort(order.begin(), order.end(), before);
    return order;
  }

  void ask(Plan& plan, Combination combination) {
    asked_.push_back(combination);
    asked_by_.push_back(&plan);
  }

  std::int64_t list_exact() {
    for (Plan& plan : plans_) {
      if (plan.use != StratumUse::exact) continue;
      for (const WeightedCombination& member : strata_.all(plan.stratum)) {
        ask(plan, member.combination);
        plan.weights.push_back(member.probability);
      }
    }
    return static_cast<std::int64_t>(asked_.size());
  }

  void draw_wanted() {
    for (Plan& plan : plans_) {
      for (; plan.wanted > 0; --plan.wanted) ask(plan, strata_.draw(plan.stratum, plan.stream));
    }
  }

  void evaluate_asked() {
    if (asked_.empty()) return;
    const std::vector<double> values = evaluate_(asked_);
    if (values.size() != asked_.size()) {
      throw std::runtime_error("the evaluation of " + std::to_string(asked_.size()) +
                               " combinations returned " + std::to_string(values.size()) + " accuracies");
    }
    for (std::size_t i = 0; i < values.size(); ++i) asked_by_[i]->values.push_back(values[i]);
    asked_.clear();
    asked_by_.clear();
  }

  /// Neyman: draws proportional to mass times deviation; rounding leaves a few for the greatest.
  void allocate(std::int64_t draws) {
    const auto share = [](const Plan& plan) {
      return plan.use == StratumUse::sampled
                 ? plan.mass * std::max(kLeastDeviation, standard_deviation(plan.values))
                 : 0.0;
    };
    double total = 0;
    for (const Plan& plan : plans_) total += share(plan);
    std::int64_t given = 0;
    for (Plan& plan : plans_) {
      plan.wanted = static_cast<std::int64_t>(static_cast<double>(draws) * share(plan) / total);
      given += plan.wanted;
    }
    std::max_element(plans_.begin(), plans_.end(), [&](const Plan& a, const Plan& b) {
      return share(a) < share(b);
    })->wanted += std::max<std::int64_t>(0, draws - given);
  }

  Stratum describe(const Plan& plan) const {
    Stratum stratum{strata_.failures(plan.stratum), plan.mass, plan.use,
                    static_cast<std::int64_t>(plan.values.size())};
    if (plan.use == StratumUse::exact) {
      stratum.mean = std::inner_product(plan.values.begin(), plan.values.end(), plan.weights.begin(), 0.0);
    } else if (plan.use == StratumUse::sampled) {
      stratum.mean = mean(plan.values);
      stratum.deviation = standard_deviation(plan.values);
    } else {
      stratum.mean = (spec_.lowest + spec_.highest) / 2;
    }
    return stratum;
  }

  SampledAverage summary() const {
    SampledAverage result;
    result.seed = spec_.seed;
    double variance = 0, spread = 0;  // spread: the denominator of Satterthwaite's degrees of freedom
    for (const Plan& plan : plans_) {
      const Stratum stratum = describe(plan);
      result.strata.push_back(stratum);
      result.estimate += stratum.mass * stratum.mean;
      result.combinations += stratum.combinations;
      if (plan.use == StratumUse::ignored) result.ignored_mass += stratum.mass;
      if (plan.use != StratumUse::sampled) continue;
      const double error = stratum.mass * stratum.deviation;
      const double part = error * error / static_cast<double>(stratum.combinations);
      variance += part;
      spread += part * part / static_cast<double>(stratum.combinations - 1);
    }
    double half = result.ignored_mass * (spec_.highest - spec_.lowest) / 2;
    if (variance > 0 && spread > 0) {
      const double degrees = std::clamp(variance * variance / spread, 1.0, 1e9);
      half += student_t_975(static_cast<std::size_t>(degrees)) * std::sqrt(variance);
    }
    result.lower = std::max(spec_.lowest, result.estimate - half);
    result.upper = std::min(spec_.highest, result.estimate + half);
    return result;
  }

  FailureStrata strata_;
  SamplingSpec spec_;
  const EvaluateCombinations& evaluate_;
  std::vector<Plan> plans_;
  std::vector<Combination> asked_;
  std::vector<Plan*> asked_by_;
};

}  // namespace

SampledAverage sample_average(const Reliability& reliability, const SamplingSpec& spec,
                              const EvaluateCombinations& evaluate) {
  return Sampler(reliability, spec, evaluate).run();
}

}  // namespace deepfog
