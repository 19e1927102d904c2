#include "resilience/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/bounded_mean.hpp"
#include "core/statistics.hpp"
#include "resilience/failure_strata.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kLeastDraws = 4;  ///< from every sampled stratum

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
      if (left < kLeastDraws * sampled) {
        throw std::invalid_argument("a budget of " + std::to_string(spec_.budget) + " combinations for " +
                                    std::to_string(sampled) + " strata to sample (at least " +
                                    std::to_string(kLeastDraws) + " per stratum)");
      }
      draw(left);
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
  };

  std::int64_t count(StratumUse use) const {
    return std::count_if(plans_.begin(), plans_.end(), [use](const Plan& plan) { return plan.use == use; });
  }

  double size(const Plan& plan) const { return strata_.size(plan.stratum); }

  /// Lists the strata for which listing is cheaper than drawing: those whose share of the mass not listed yet
  /// is at least their share of the budget.
  void choose_uses() {
    double all = 0, mass = 0, left = static_cast<double>(spec_.budget);
    for (const Plan& plan : plans_) all += size(plan);
    const bool everything = all <= left;
    if (!everything) ignore_least();
    double others = 0;  // draws reserved for the strata that are not listed yet
    for (const Plan& plan : plans_) {
      if (plan.use != StratumUse::sampled) continue;
      mass += plan.mass;
      others += kLeastDraws;
    }
    for (Plan* plan :
         sorted([this](const Plan*a, const Plan*b) { return a->mass / size(*a) > b->mass / size(*b); })) {
      if (plan->use == StratumUse::ignored) continue;
      const bool worth = plan->mass * left >= mass * size(*plan);
      if (!everything && !(worth && size(*plan) + others - kLeastDraws <= left)) break;
      plan->use = StratumUse::exact;
      left -= size(*plan);
      mass -= plan->mass;
      others -= kLeastDraws;
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

  /// Distributes the draws in proportion to the strata's mass, so that no combination has a much larger
  /// weight than another. The smallest strata come first: what they take beyond their share is missing from
  /// the largest ones, where it hardly matters.
  void draw(std::int64_t draws) {
    double mass = 0;
    std::int64_t strata = count(StratumUse::sampled);
    const auto order = sorted([](const Plan* a, const Plan* b) { return a->mass < b->mass; });
    for (const Plan* plan : order) mass += plan->use == StratumUse::sampled ? plan->mass : 0;
    for (Plan* plan : order) {
      if (plan->use != StratumUse::sampled) continue;
      const double share = std::min(1.0, plan->mass / mass) * static_cast<double>(draws);
      const std::int64_t own =
          --strata == 0 ? draws : std::max(kLeastDraws, static_cast<std::int64_t>(share));
      for (std::int64_t i = 0; i < own; ++i) ask(*plan, strata_.draw(plan->stratum, plan->stream));
      draws -= own;
      mass -= plan->mass;
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
    for (const Plan& plan : plans_) {
      const Stratum stratum = describe(plan);
      result.strata.push_back(stratum);
      result.estimate += stratum.mass * stratum.mean;
      result.combinations += stratum.combinations;
      if (plan.use == StratumUse::ignored) result.ignored_mass += stratum.mass;
    }
    const double certain = result.ignored_mass * (spec_.highest - spec_.lowest) / 2;
    const auto [below, above] = sampling_errors(result.strata);
    result.lower = std::max(spec_.lowest, result.estimate - certain - below);
    result.upper = std::min(spec_.highest, result.estimate + certain + above);
    return result;
  }

  /// How far the average may lie below and above the estimate. One observation is the deviation of a draw
  /// from its stratum's mean times its weight; the mean of such observations in another sample would be the
  /// estimate's error. The largest deviation that a single draw could have had bounds what may have been
  /// missed.
  std::pair<double, double> sampling_errors(const std::vector<Stratum>& strata) const {
    double draws = 0, lowest = 0, highest = 0;
    for (const Stratum& stratum : strata) {
      if (stratum.use == StratumUse::sampled) draws += static_cast<double>(stratum.combinations);
    }
    std::vector<double> deviations;
    for (std::size_t k = 0; k < strata.size(); ++k) {
      const Stratum& stratum = strata[k];
      if (stratum.use != StratumUse::sampled) continue;
      const double own = static_cast<double>(stratum.combinations), weight = stratum.mass * draws / own;
      const double freedom = std::sqrt(own / (own - 1));  // the mean comes from the same draws
      for (const double value : plans_[k].values) {
        deviations.push_back(weight * freedom * (value - stratum.mean));
      }
      lowest = std::min(lowest, weight * (spec_.lowest - stratum.mean));
      highest = std::max(highest, weight * (spec_.highest - stratum.mean));
    }
    if (deviations.empty()) return {0, 0};
    return {-lower_mean_975(deviations, lowest), upper_mean_975(deviations, highest)};
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
