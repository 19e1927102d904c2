#include <algorithm>
#include <utility>

#include "resilience/flow.hpp"
#include "results/verify_model.hpp"
#include "results/verify_table.hpp"

namespace deepfog::verification {
namespace {

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

/// The same in expectation for guessing: precision of a class is its shard of the samples, recall its
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

/// One count a failure combination.
class CombinationCheck : public TableCheck {
 public:
  CombinationCheck(const ExperimentResults& experiment, const ModelResults& model,
                   const Averages& probabilities, Violations& violations)
      : TableCheck(experiment, model, violations),
        probabilities_(probabilities),
        combinations_(std::size_t{1} << experiment.nodes.size()) {}

  bool sizes() override {
    const auto classes = static_cast<std::size_t>(e_.classes);
    const std::size_t table = runs_ * combinations_;
    bool good = size("/correct", m_.correct.size(), table);
    good = size("/accuracy", m_.accuracy.size(), table) && good;
    good = size("/flow", m_.flow.size(), combinations_) && good;
    if (!m_.confusion.empty())
      good = size("/confusion", m_.confusion.size(), table * classes * classes) && good;
    if (!m_.average_precision.empty()) good = settings("/average_precision", m_.average_precision) && good;
    if (!m_.average_recall.empty()) good = settings("/average_recall", m_.average_recall) && good;
    return good;
  }

  void topology(const Topology& topology) override {
    const std::vector<std::uint8_t> flow = flow_table(topology);
    for (std::size_t k = 0; k < combinations_; ++k) {
      if (flow[k] == m_.flow[k]) continue;
      violations_.add(base_ + "/flow", "combination " + std::to_string(k) + ": " +
                                           std::to_string(m_.flow[k]) + ", but by the topology " +
                                           std::to_string(flow[k]));
    }
  }

  void run(std::size_t run) override {
    for (std::size_t k = 0; k < combinations_; ++k) {
      accuracy("", at(run, k), m_.correct[index(run, k)], m_.accuracy[index(run, k)], m_.flow[k] != 0);
    }
    if (!m_.confusion.empty()) {
      for (std::size_t k = 0; k < combinations_; ++k) check_confusion(run, k);
    }
    const double* row = m_.accuracy.data() + index(run, 0);
    const auto [least, most] = std::minmax_element(row, row + combinations_);
    for (const auto& [setting, survival] : e_.reliability) {
      average_accuracy(setting, run, equation_3(probabilities_.at(setting), row), *least, *most,
                       row[combinations_ - 1]);
    }
    check_precision_recall(run);
  }

 private:
  using TableCheck::at;
  static std::string at(std::size_t run, std::size_t combination) {
    return "run " + std::to_string(run) + ", combination " + std::to_string(combination) + ": ";
  }
  std::size_t index(std::size_t run, std::size_t combination) const {
    return run * combinations_ + combination;
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
          violations_.add(where, at(run, k) + "a count of " + std::to_string(count) + " (0 to " +
                                     std::to_string(e_.test_samples) + ")");
          return;
        }
        sum += count;
      }
      diagonal += table[row * classes + row];
      const std::int64_t expected = m_.flow[k] != 0 ? e_.test_class_counts[row] : 0;
      if (sum != expected) {
        violations_.add(where, at(run, k) + "row " + std::to_string(row) + " sums to " + std::to_string(sum) +
                                   " (" + std::to_string(expected) + ")");
      }
    }
    if (diagonal != m_.correct[index(run, k)]) {
      violations_.add(where, at(run, k) + "its diagonal sums to " + std::to_string(diagonal) +
                                 ", but correct is " + std::to_string(m_.correct[index(run, k)]));
    }
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
        violations_.expect(in_unit(found) || nearly_equal(found, 1), where,
                           at(run) + show(found) + " (0 to 1)");
        if (!table.empty()) average(where, run, found, equation_3(probability, table.data()));
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

  const Averages& probabilities_;
  std::size_t combinations_;
};

}  // namespace

std::unique_ptr<TableCheck> check_combinations(const ExperimentResults& experiment, const ModelResults& model,
                                               const Averages& probabilities, Violations& violations) {
  return std::make_unique<CombinationCheck>(experiment, model, probabilities, violations);
}

}  // namespace deepfog::verification
