#include "results/verify_model.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "results/failed_runs.hpp"
#include "results/verify_exits.hpp"
#include "results/verify_partition.hpp"
#include "results/verify_sample_hits.hpp"
#include "results/verify_table.hpp"
#include "topology/stage_cost.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {
namespace {

/// The checks of one model; its experiment's sizes and settings are known to be sound.
class ModelCheck {
 public:
  ModelCheck(const ExperimentResults& experiment, const ModelResults& model, const Averages& probabilities,
             bool complete, Violations& violations)
      : e_(experiment),
        m_(model),
        complete_(complete),
        violations_(violations),
        base_("/experiments/" + experiment.name + "/models/" + model.name),
        runs_(static_cast<std::size_t>(experiment.runs)),
        table_(table_check(probabilities)) {}

  void run() {
    const std::string schema = "/experiments/<experiment>/models/<model>/";
    violations_.expect_attributes(base_, schema, "string", keys(m_.text));
    violations_.expect_attributes(base_, schema, "int64", keys(m_.integers));
    violations_.expect_attributes(base_, schema, "float64", keys(m_.numbers));
    if (!table_) {
      violations_.expect_word(base_ + "@table", table_form(m_), {"combinations", "classes", "bounds"});
      return;
    }
    if (!check_sizes()) return;
    check_failout();
    check_weights_of();
    const std::optional<Topology> topology = check_topology();
    verify_partition(e_, m_, violations_);
    const std::vector<std::int64_t> failed = failed_runs(m_);
    for (const std::int64_t run : failed)
      violations_.expect(run >= 0 && run < e_.runs, base_ + "@failed_runs", "run " + std::to_string(run));
    for (std::size_t run = 0; run < runs_; ++run) {
      violations_.expect(m_.done[run] <= 1, base_ + "/done",
                         at(run) + std::to_string(m_.done[run]) + " (0 or 1)");
      if (m_.done[run] != 1) {
        const bool named = std::count(failed.begin(), failed.end(), static_cast<std::int64_t>(run)) != 0;
        violations_.expect(!complete_ || named, base_ + "/done",
                           at(run) + "not done, but the status is complete");
        continue;
      }
      check_run(run);
    }
    if (topology) verify_sample_hits(e_, m_, *topology, violations_);
  }

 private:
  std::unique_ptr<TableCheck> table_check(const Averages& probabilities) const {
    const std::string form = table_form(m_);
    if (form == "combinations") return check_combinations(e_, m_, probabilities, violations_);
    if (form == "classes") return check_classes(e_, m_, violations_);
    if (form == "bounds") return check_bounds(e_, m_, violations_);
    return nullptr;
  }
  static std::string at(std::size_t run) { return "run " + std::to_string(run) + ": "; }
  bool size(const std::string& name, std::size_t found, std::size_t expected) {
    return violations_.expect(found == expected, base_ + name,
                              std::to_string(found) + " values (" + std::to_string(expected) + ")");
  }

  bool check_sizes() {
    bool good = table_->sizes();
    good = size("@failout_rates", m_.failout_rates.size(), e_.nodes.size()) && good;
    for (const auto& [name, values] :
         {std::pair("/validation_accuracy", &m_.validation_accuracy),
          std::pair("/train_seconds", &m_.train_seconds), std::pair("/sweep_seconds", &m_.sweep_seconds)}) {
      good = size(name, values->size(), runs_) && good;
    }
    good = size("/best_epoch", m_.best_epoch.size(), runs_) && good;
    good = size("/done", m_.done.size(), runs_) && good;
    return table_->settings("/average_accuracy", m_.average_accuracy) && good;
  }

  void check_failout() {
    const auto training = m_.text.find("training");
    if (training != m_.text.end())
      violations_.expect_word(base_ + "@training", training->second, {"standard", "failout"});
    const bool standard = training != m_.text.end() && training->second == "standard";
    for (const double rate : m_.failout_rates) {
      violations_.expect(in_unit(rate) && (!standard || rate == 0), base_ + "@failout_rates",
                         show(rate) + (standard ? " (0 under standard training)" : " (0 to 1)"));
    }
  }

  /// A model on the weights of another says of its training what that one says.
  void check_weights_of() {
    const auto other = m_.text.find("weights_of");
    if (other == m_.text.end()) return;
    const auto owner = std::find_if(e_.models.begin(), e_.models.end(), [&](const ModelResults& model) {
      return model.name == other->second && model.text.count("weights_of") == 0;
    });
    if (!violations_.expect(owner != e_.models.end(), base_ + "@weights_of",
                            other->second + " is no trained model of the experiment")) {
      return;
    }
    const bool same = m_.validation_accuracy.size() == owner->validation_accuracy.size() &&
                      m_.best_epoch.size() == owner->best_epoch.size();
    for (std::size_t run = 0; same && run < runs_; ++run) {
      if (m_.done[run] != 1 || owner->done.at(run) != 1) continue;
      violations_.expect(m_.validation_accuracy[run] == owner->validation_accuracy[run] &&
                             m_.best_epoch[run] == owner->best_epoch[run],
                         base_ + "@weights_of", at(run) + "not the training of " + owner->name);
    }
  }

  std::optional<Topology> check_topology() {
    const std::string where = base_ + "/topology_text";
    try {
      const auto file = m_.text.find("topology");
      const Topology topology =
          parse_topology(m_.topology_text, file == m_.text.end() ? "topology" : file->second);
      violations_.expect(topology.classes() == e_.classes, where,
                         "a network of " + std::to_string(topology.classes()) + " classes (" +
                             std::to_string(e_.classes) + ")");
      if (!violations_.expect(topology.failing_names() == e_.nodes, where,
                              "its failing nodes are " + listing(topology.failing_names()) + " (" +
                                  listing(e_.nodes) + ")")) {
        return std::nullopt;
      }
      table_->topology(topology);
      check_parameters(topology);
      verify_exits(e_, m_, topology, violations_);
      return topology;
    } catch (const UserError& error) {
      violations_.add(where, error.what());
      return std::nullopt;
    }
  }

  /// Of a network cut over devices they are those of the network before the cut.
  void check_parameters(const Topology& topology) {
    const auto found = m_.integers.find("parameters");
    if (found == m_.integers.end() || !m_.partition.empty()) return;
    std::int64_t count = 0;
    for (const Stage& stage : topology.stages()) count += cost_of(topology, stage).parameters;
    violations_.expect(found->second == count, base_ + "@parameters",
                       std::to_string(found->second) + ", but the topology has " + std::to_string(count));
  }

  void check_run(std::size_t run) {
    table_->run(run);
    violations_.expect(in_unit(m_.validation_accuracy[run]), base_ + "/validation_accuracy",
                       at(run) + show(m_.validation_accuracy[run]) + " (0 to 1)");
    for (const auto& [name, value] : {std::pair("/train_seconds", m_.train_seconds[run]),
                                      std::pair("/sweep_seconds", m_.sweep_seconds[run])}) {
      violations_.expect(value >= 0 && std::isfinite(value), base_ + name,
                         at(run) + show(value) + " (0 or more)");
    }
    const auto epochs = m_.integers.find("epochs");
    if (epochs == m_.integers.end()) return;
    violations_.expect(
        m_.best_epoch[run] >= 0 && m_.best_epoch[run] <= epochs->second, base_ + "/best_epoch",
        at(run) + std::to_string(m_.best_epoch[run]) + " (0 to " + std::to_string(epochs->second) + ")");
  }

  const ExperimentResults& e_;
  const ModelResults& m_;
  bool complete_;
  Violations& violations_;
  std::string base_;
  std::size_t runs_;
  std::unique_ptr<TableCheck> table_;
};

}  // namespace

double equation_3(const std::vector<double>& probability, const double* values) {
  long double sum = 0;
  for (std::size_t k = 0; k < probability.size(); ++k)
    sum += static_cast<long double>(probability[k]) * values[k];
  return static_cast<double>(sum);
}

void verify_model(const ExperimentResults& experiment, const ModelResults& model,
                  const Averages& probabilities, bool complete, Violations& violations) {
  ModelCheck(experiment, model, probabilities, complete, violations).run();
}

}  // namespace deepfog::verification
