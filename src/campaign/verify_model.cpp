#include "campaign/verify_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "resilience/flow.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {
namespace {

using Averages = std::map<std::string, std::vector<double>>;

/// Macro precision and recall of one confusion table over the classes present.
std::pair<double, double> precision_recall(const std::int64_t* confusion,
                                           const std::vector<std::int64_t>& counts) {
  const std::size_t classes = counts.size();
  double precision = 0, recall = 0, present = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (counts[c] == 0) continue;
    double predicted = 0;
    for (std::size_t row = 0; row < classes; ++row)
      predicted += static_cast<double>(confusion[row * classes + c]);
    const auto right = static_cast<double>(confusion[c * classes + c]);
    precision += predicted > 0 ? right / predicted : 0;
    recall += right / static_cast<double>(counts[c]);
    present += 1;
  }
  return {precision / present, recall / present};
}

/// The same in expectation for guessing: precision of a class is its share of the samples, recall its
/// probability.
std::pair<double, double> guessed_precision_recall(const std::vector<std::int64_t>& counts,
                                                   const std::vector<double>& guess, std::int64_t samples) {
  double precision = 0, recall = 0, present = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    precision += static_cast<double>(counts[c]) / static_cast<double>(samples);
    recall += guess[c];
    present += 1;
  }
  return {precision / present, recall / present};
}

/// The checks of one model; its experiment's sizes and settings are known to be sound.
class ModelCheck {
 public:
  ModelCheck(const ExperimentResults& experiment, const ModelResults& model, const Averages& probabilities,
             bool complete, Findings& findings)
      : e_(experiment),
        m_(model),
        probabilities_(probabilities),
        complete_(complete),
        findings_(findings),
        base_("/experiments/" + experiment.name + "/models/" + model.name),
        runs_(static_cast<std::size_t>(experiment.runs)),
        combinations_(std::size_t{1} << experiment.nodes.size()) {}

  void run() {
    const std::string schema = "/experiments/<experiment>/models/<model>/";
    findings_.expect_attributes(base_, schema, "string", keys(m_.text));
    findings_.expect_attributes(base_, schema, "int64", keys(m_.integers));
    findings_.expect_attributes(base_, schema, "float64", keys(m_.numbers));
    if (!check_sizes()) return;
    check_failout();
    check_topology();
    for (std::size_t run = 0; run < runs_; ++run) {
      findings_.expect(m_.done[run] <= 1, base_ + "/done",
                       at(run) + std::to_string(m_.done[run]) + " (0 or 1)");
      if (m_.done[run] != 1) {
        findings_.expect(!complete_, base_ + "/done", at(run) + "not done, but the status is complete");
        continue;
      }
      check_run(run);
    }
  }

 private:
  static std::string at(std::size_t run) { return "run " + std::to_string(run) + ": "; }
  static std::string at(std::size_t run, std::size_t combination) {
    return "run " + std::to_string(run) + ", combination " + std::to_string(combination) + ": ";
  }
  std::size_t index(std::size_t run, std::size_t combination) const {
    return run * combinations_ + combination;
  }

  bool size(const std::string& name, std::size_t found, std::size_t expected) {
    return findings_.expect(found == expected, base_ + name,
                            std::to_string(found) + " values (" + std::to_string(expected) + ")");
  }

  bool check_sizes() {
    const auto classes = static_cast<std::size_t>(e_.classes);
    const std::size_t table = runs_ * combinations_;
    bool good = size("/correct", m_.correct.size(), table);
    good = size("/accuracy", m_.accuracy.size(), table) && good;
    good = size("/flow", m_.flow.size(), combinations_) && good;
    good = size("@failout_rates", m_.failout_rates.size(), e_.nodes.size()) && good;
    if (!m_.confusion.empty())
      good = size("/confusion", m_.confusion.size(), table * classes * classes) && good;
    for (const auto& [name, values] :
         {std::pair("/validation_accuracy", &m_.validation_accuracy),
          std::pair("/train_seconds", &m_.train_seconds), std::pair("/sweep_seconds", &m_.sweep_seconds)}) {
      good = size(name, values->size(), runs_) && good;
    }
    good = size("/best_epoch", m_.best_epoch.size(), runs_) && good;
    good = size("/done", m_.done.size(), runs_) && good;
    good = settings("/average_accuracy", m_.average_accuracy) && good;
    if (!m_.average_precision.empty()) good = settings("/average_precision", m_.average_precision) && good;
    if (!m_.average_recall.empty()) good = settings("/average_recall", m_.average_recall) && good;
    return good;
  }

  /// One row a reliability setting, no more, no fewer.
  bool settings(const std::string& name, const Averages& averages) {
    bool good = true;
    for (const auto& [setting, values] : averages) {
      const std::string object = name + "/" + setting;
      good = findings_.expect(probabilities_.count(setting) != 0, base_ + object,
                              "no such reliability setting") &&
             good;
      good = size(object, values.size(), runs_) && good;
    }
    for (const auto& [setting, values] : probabilities_) {
      good = findings_.expect(averages.count(setting) != 0, base_ + name + "/" + setting, "missing") && good;
    }
    return good;
  }

  void check_failout() {
    const auto training = m_.text.find("training");
    if (training != m_.text.end())
      findings_.expect_word(base_ + "@training", training->second, {"standard", "failout"});
    const bool standard = training != m_.text.end() && training->second == "standard";
    for (const double rate : m_.failout_rates) {
      findings_.expect(in_unit(rate) && (!standard || rate == 0), base_ + "@failout_rates",
                       show(rate) + (standard ? " (0 under standard training)" : " (0 to 1)"));
    }
  }

  void check_topology() {
    const std::string where = base_ + "/topology_text";
    try {
      const auto file = m_.text.find("topology");
      const Topology topology =
          parse_topology(m_.topology_text, file == m_.text.end() ? "topology" : file->second);
      findings_.expect(topology.classes() == e_.classes, where,
                       "a network of " + std::to_string(topology.classes()) + " classes (" +
                           std::to_string(e_.classes) + ")");
      if (!findings_.expect(topology.failing_names() == e_.nodes, where,
                            "its failing nodes are " + listing(topology.failing_names()) + " (" +
                                listing(e_.nodes) + ")")) {
        return;
      }
      const std::vector<std::uint8_t> flow = flow_table(topology);
      for (std::size_t k = 0; k < combinations_; ++k) {
        if (flow[k] == m_.flow[k]) continue;
        findings_.add(base_ + "/flow", "combination " + std::to_string(k) + ": " +
                                           std::to_string(m_.flow[k]) + ", but by the topology " +
                                           std::to_string(flow[k]));
      }
    } catch (const UserError& error) {
      findings_.add(where, error.what());
    }
  }

  void check_run(std::size_t run) {
    for (std::size_t k = 0; k < combinations_; ++k) check_count(run, k);
    if (!m_.confusion.empty()) {
      for (std::size_t k = 0; k < combinations_; ++k) check_confusion(run, k);
    }
    check_average_accuracy(run);
    check_precision_recall(run);
    findings_.expect(in_unit(m_.validation_accuracy[run]), base_ + "/validation_accuracy",
                     at(run) + show(m_.validation_accuracy[run]) + " (0 to 1)");
    for (const auto& [name, value] : {std::pair("/train_seconds", m_.train_seconds[run]),
                                      std::pair("/sweep_seconds", m_.sweep_seconds[run])}) {
      findings_.expect(value >= 0 && std::isfinite(value), base_ + name,
                       at(run) + show(value) + " (0 or more)");
    }
    const auto epochs = m_.integers.find("epochs");
    if (epochs == m_.integers.end()) return;
    findings_.expect(
        m_.best_epoch[run] >= 0 && m_.best_epoch[run] <= epochs->second, base_ + "/best_epoch",
        at(run) + std::to_string(m_.best_epoch[run]) + " (0 to " + std::to_string(epochs->second) + ")");
  }

  void check_count(std::size_t run, std::size_t k) {
    const std::int64_t correct = m_.correct[index(run, k)];
    const double accuracy = m_.accuracy[index(run, k)];
    const bool flows = m_.flow[k] != 0;
    const std::int64_t most = flows ? e_.test_samples : 0;
    if (correct < 0 || correct > most) {
      findings_.add(base_ + "/correct",
                    at(run, k) + std::to_string(correct) + " (0 to " + std::to_string(most) + ")");
    }
    const double expected =
        flows ? static_cast<double>(correct) / static_cast<double>(e_.test_samples) : e_.guess_accuracy;
    if (!in_unit(accuracy)) {
      findings_.add(base_ + "/accuracy", at(run, k) + show(accuracy) + " (0 to 1)");
    } else if (!nearly_equal(accuracy, expected)) {
      findings_.add(base_ + "/accuracy", at(run, k) + show(accuracy) + ", but " +
                                             (flows ? "correct / test_samples is " : "guessing gives ") +
                                             show(expected));
    }
  }

  void check_confusion(std::size_t run, std::size_t k) {
    const std::string where = base_ + "/confusion";
    const auto classes = static_cast<std::size_t>(e_.classes);
    const std::int64_t* table = m_.confusion.data() + index(run, k) * classes * classes;
    std::int64_t diagonal = 0;
    for (std::size_t row = 0; row < classes; ++row) {
      std::int64_t sum = 0;
      for (std::size_t column = 0; column < classes; ++column) {
        const std::int64_t count = table[row * classes + column];
        if (count < 0 || count > e_.test_samples) {
          findings_.add(where, at(run, k) + "a count of " + std::to_string(count) + " (0 to " +
                                   std::to_string(e_.test_samples) + ")");
          return;
        }
        sum += count;
      }
      diagonal += table[row * classes + row];
      const std::int64_t expected = m_.flow[k] != 0 ? e_.test_class_counts[row] : 0;
      if (sum != expected) {
        findings_.add(where, at(run, k) + "row " + std::to_string(row) + " sums to " + std::to_string(sum) +
                                 " (" + std::to_string(expected) + ")");
      }
    }
    if (diagonal != m_.correct[index(run, k)]) {
      findings_.add(where, at(run, k) + "its diagonal sums to " + std::to_string(diagonal) +
                               ", but correct is " + std::to_string(m_.correct[index(run, k)]));
    }
  }

  void check_average_accuracy(std::size_t run) {
    const double* row = m_.accuracy.data() + index(run, 0);
    const auto [least, most] = std::minmax_element(row, row + combinations_);
    for (const auto& [setting, survival] : e_.reliability) {
      const std::string where = base_ + "/average_accuracy/" + setting;
      const double found = m_.average_accuracy.at(setting)[run];
      check_average(where, run, found, equation_3(probabilities_.at(setting), row));
      findings_.expect(
          (found >= *least || nearly_equal(found, *least)) && (found <= *most || nearly_equal(found, *most)),
          where, at(run) + show(found) + " is outside the accuracies " + show(*least) + " to " + show(*most));
      const bool no_failure = std::all_of(survival.begin(), survival.end(), [](double r) { return r == 1; });
      findings_.expect(
          !no_failure || nearly_equal(found, row[combinations_ - 1]), where,
          at(run) + show(found) + ", but the undistributed network has " + show(row[combinations_ - 1]));
    }
  }

  void check_average(const std::string& where, std::size_t run, double found, double expected) {
    findings_.expect(nearly_equal(found, expected), where,
                     at(run) + show(found) + ", but Equation 3 gives " + show(expected));
  }

  void check_precision_recall(std::size_t run) {
    for (const Averages* averages : {&m_.average_precision, &m_.average_recall}) {
      const bool is_precision = averages == &m_.average_precision;
      if (averages->empty()) continue;
      std::vector<double> table;
      if (!m_.confusion.empty()) table = measure(run, is_precision);
      for (const auto& [setting, probability] : probabilities_) {
        const std::string where =
            base_ + (is_precision ? "/average_precision/" : "/average_recall/") + setting;
        const double found = averages->at(setting)[run];
        findings_.expect(in_unit(found) || nearly_equal(found, 1), where,
                         at(run) + show(found) + " (0 to 1)");
        if (!table.empty()) check_average(where, run, found, equation_3(probability, table.data()));
      }
    }
  }

  /// Macro precision, or recall, of a run under every combination.
  std::vector<double> measure(std::size_t run, bool is_precision) const {
    const std::size_t cells = e_.test_class_counts.size() * e_.test_class_counts.size();
    const auto guessed =
        guessed_precision_recall(e_.test_class_counts, e_.guess_probabilities, e_.test_samples);
    std::vector<double> table(combinations_);
    for (std::size_t k = 0; k < combinations_; ++k) {
      const auto pair = m_.flow[k] != 0 ? precision_recall(m_.confusion.data() + index(run, k) * cells,
                                                           e_.test_class_counts)
                                        : guessed;
      table[k] = is_precision ? pair.first : pair.second;
    }
    return table;
  }

  const ExperimentResults& e_;
  const ModelResults& m_;
  const Averages& probabilities_;
  bool complete_;
  Findings& findings_;
  std::string base_;
  std::size_t runs_, combinations_;
};

}  // namespace

double equation_3(const std::vector<double>& probability, const double* values) {
  long double sum = 0;
  for (std::size_t k = 0; k < probability.size(); ++k)
    sum += static_cast<long double>(probability[k]) * values[k];
  return static_cast<double>(sum);
}

void verify_model(const ExperimentResults& experiment, const ModelResults& model,
                  const Averages& probabilities, bool complete, Findings& findings) {
  ModelCheck(experiment, model, probabilities, complete, findings).run();
}

}  // namespace deepfog::verification
