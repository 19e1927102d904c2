#include "results/verify_table.hpp"

#include <algorithm>

namespace deepfog::verification {

TableCheck::TableCheck(const ExperimentResults& experiment, const ModelResults& model, Violations& violations)
    : e_(experiment),
      m_(model),
      violations_(violations),
      base_("/experiments/" + experiment.name + "/models/" + model.name),
      runs_(static_cast<std::size_t>(experiment.runs)) {}

bool TableCheck::size(const std::string& name, std::size_t found, std::size_t expected) {
  return violations_.expect(found == expected, base_ + name,
                            std::to_string(found) + " values (" + std::to_string(expected) + ")");
}

bool TableCheck::settings(const std::string& name, const Averages& averages, std::size_t columns) {
  bool good = true;
  const auto known = [&](const std::string& setting) {
    return std::any_of(e_.reliability.begin(), e_.reliability.end(),
                       [&](const auto& one) { return one.first == setting; });
  };
  for (const auto& [setting, values] : averages) {
    const std::string object = name + "/" + setting;
    good = violations_.expect(known(setting), base_ + object, "no such reliability setting") && good;
    good = size(object, values.size(), runs_ * columns) && good;
  }
  for (const auto& [setting, survival] : e_.reliability) {
    good = violations_.expect(averages.count(setting) != 0, base_ + name + "/" + setting, "missing") && good;
  }
  return good;
}

bool TableCheck::absent(const std::string& name, bool empty) {
  return violations_.expect(empty, base_ + name, "does not belong to a table of this form");
}

void TableCheck::average(const std::string& where, std::size_t run, double found, double expected) {
  violations_.expect(nearly_equal(found, expected), where,
                     at(run) + show(found) + ", but Equation 3 gives " + show(expected));
}

void TableCheck::average_accuracy(const std::string& setting, std::size_t run, double expected, double least,
                                  double most, double whole) {
  const std::string where = base_ + "/average_accuracy/" + setting;
  const double found = m_.average_accuracy.at(setting)[run];
  average(where, run, found, expected);
  violations_.expect(
      (found >= least || nearly_equal(found, least)) && (found <= most || nearly_equal(found, most)), where,
      at(run) + show(found) + " is outside the accuracies " + show(least) + " to " + show(most));
  const auto entry = std::find_if(e_.reliability.begin(), e_.reliability.end(),
                                  [&](const auto& one) { return one.first == setting; });
  const bool no_failure =
      std::all_of(entry->second.begin(), entry->second.end(), [](double r) { return r == 1; });
  violations_.expect(!no_failure || nearly_equal(found, whole), where,
                     at(run) + show(found) + ", but the undistributed network has " + show(whole));
}

void TableCheck::accuracy(const std::string& name, const std::string& place, std::int64_t correct,
                          double accuracy, bool flows) {
  const std::int64_t most = flows ? e_.test_samples : 0;
  if (correct < 0 || correct > most) {
    violations_.add(base_ + "/" + name + "correct",
                    place + std::to_string(correct) + " (0 to " + std::to_string(most) + ")");
  }
  const double expected =
      flows ? static_cast<double>(correct) / static_cast<double>(e_.test_samples) : e_.guess_accuracy;
  if (!in_unit(accuracy)) {
    violations_.add(base_ + "/" + name + "accuracy", place + show(accuracy) + " (0 to 1)");
  } else if (!nearly_equal(accuracy, expected)) {
    violations_.add(base_ + "/" + name + "accuracy",
                    place + show(accuracy) + ", but " +
                        (flows ? "correct / test_samples is " : "guessing gives ") + show(expected));
  }
}

}  // namespace deepfog::verification
