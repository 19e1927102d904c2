#include "results/verify_numbers.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace deepfog::verification {
namespace {

enum class Missing { none, nan };  ///< whether NaN may stand for what there is not

class NumberCheck {
 public:
  /// Leaves out what other checks have found wrong.
  explicit NumberCheck(Violations& violations) : violations_(violations) {}

  void experiment(const ExperimentResults& e) {
    base_ = "/experiments/" + e.name;
    list("@guess_accuracy", {e.guess_accuracy});
    list("@guess_probabilities", e.guess_probabilities);
    for (const auto& [setting, survival] : e.reliability) list("/reliability/" + setting, survival);
    for (const ModelResults& model : e.models) {
      base_ = "/experiments/" + e.name + "/models/" + model.name;
      this->model(model);
    }
  }

  void inference(const InferenceResults& one) {
    base_ = "/inference/" + one.name;
    for (const auto& [name, value] : one.numbers) list("@" + name, {value});
    list("/phases/timeout_us", one.phases.timeout_us);
    list("/phases/settle_us", one.phases.settle_us, Missing::nan);
    list("/rounds/arrival_us", one.rounds.arrival_us);
    list("/rounds/latency_us", one.rounds.latency_us);
    list("/nodes/compute_us", one.nodes.compute_us);
    list("/nodes/wait_us", one.nodes.wait_us);
    list("/nodes/idle_us", one.nodes.idle_us);
    list("/nodes/energy_j", one.nodes.energy_j, Missing::nan);
    list("/membership/time_us", one.membership.time_us);
    list("/hops/half_round_trip_us", one.hops.half_round_trip_us);
  }

 private:
  void model(const ModelResults& m) {
    for (const auto& [name, value] : m.numbers) list("@" + name, {value});
    list("@failout_rates", m.failout_rates);
    by_run("/accuracy", m, m.accuracy);
    by_run("/class_accuracy", m, m.class_accuracy);
    for (const auto& [group, settings] :
         {std::pair("/bounds/", &m.bounds), std::pair("/explored_mass/", &m.explored_mass),
          std::pair("/average_accuracy/", &m.average_accuracy),
          std::pair("/average_precision/", &m.average_precision),
          std::pair("/average_recall/", &m.average_recall)}) {
      for (const auto& [setting, values] : *settings) by_run(group + setting, m, values);
    }
    by_run("/validation_accuracy", m, m.validation_accuracy);
    by_run("/train_seconds", m, m.train_seconds);
    by_run("/sweep_seconds", m, m.sweep_seconds);
    by_run("/partition/thresholds", m, m.partition.thresholds);
    list("/partition/front/thresholds", m.partition.front.thresholds, Missing::nan);
    list("/partition/front/accuracy", m.partition.front.accuracy, Missing::nan);
    by_run("/exits/thresholds", m, m.exits.thresholds);
    list("/exits/grid", m.exits.grid);
  }

  /// A table whose first dimension is the run: rows of runs that are not done hold NaN.
  void by_run(const std::string& name, const ModelResults& m, const std::vector<double>& values) {
    const std::size_t runs = m.done.size();
    if (runs == 0 || values.size() % runs != 0) return;  // of a wrong size, which is told elsewhere
    const std::size_t columns = values.size() / runs;
    if (violations_.has(base_ + name)) return;
    for (std::size_t i = 0; i < values.size(); ++i)
      number(name, values[i], m.done[i / columns] == 1 ? Missing::none : Missing::nan);
  }

  void list(const std::string& name, const std::vector<double>& values, Missing missing = Missing::none) {
    if (violations_.has(base_ + name)) return;
    for (const double value : values) number(name, value, missing);
  }

  void number(const std::string& name, double value, Missing missing) {
    if (std::isfinite(value) || (missing == Missing::nan && std::isnan(value))) return;
    violations_.add(base_ + name, show(value) + " (a finite number)");
  }

  Violations& violations_;
  std::string base_;
};

}  // namespace

void verify_numbers(const Results& results, Violations& violations) {
  NumberCheck check(violations);
  for (const ExperimentResults& experiment : results.experiments) check.experiment(experiment);
  for (const InferenceResults& inference : results.inference) check.inference(inference);
}

}  // namespace deepfog::verification
