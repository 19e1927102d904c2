#include <algorithm>

#include "results/verify_table.hpp"

namespace deepfog::verification {
namespace {

/// Averages between bounds; no counts are kept.
class BoundsCheck : public TableCheck {
 public:
  using TableCheck::TableCheck;

  bool sizes() override {
    bool good = absent("/correct", m_.correct.empty() && m_.accuracy.empty() && m_.flow.empty());
    good = absent("/confusion", m_.confusion.empty()) && good;
    good = absent("/average_precision", m_.average_precision.empty() && m_.average_recall.empty()) && good;
    good = absent("/class_correct", m_.class_correct.empty() && m_.class_accuracy.empty()) && good;
    good = settings("/bounds", m_.bounds, 2) && good;
    good = settings("/explored_mass", m_.explored_mass) && good;
    for (const auto& [setting, survival] : e_.reliability) {
      good = violations_.expect(m_.methods.count(setting) != 0, base_ + "/bounds/" + setting + "@method",
                                "missing") &&
             good;
    }
    return size("/explored", m_.explored.size(), runs_) && good;
  }

  void topology(const Topology&) override {}

  void run(std::size_t run) override {
    violations_.expect(m_.explored[run] >= 1, base_ + "/explored",
                       at(run) + std::to_string(m_.explored[run]));
    for (const auto& [setting, survival] : e_.reliability) check_setting(run, setting, survival);
  }

 private:
  void check_setting(std::size_t run, const std::string& setting, const std::vector<double>& survival) {
    const std::string where = base_ + "/bounds/" + setting, &method = m_.methods.at(setting);
    const double lower = m_.bounds.at(setting)[2 * run], upper = m_.bounds.at(setting)[2 * run + 1];
    const double average = m_.average_accuracy.at(setting)[run], mass = m_.explored_mass.at(setting)[run];
    const bool certified = method == "bounds";
    violations_.expect(certified || method.compare(0, 9, "sampling ") == 0, where + "@method",
                       "'" + method + "' (bounds, sampling ...)");
    violations_.expect(in_unit(lower) && in_unit(upper) && lower <= upper, where,
                       at(run) + show(lower) + " to " + show(upper) + " (0 <= lower <= upper <= 1)");
    violations_.expect(in_unit(mass), base_ + "/explored_mass/" + setting,
                       at(run) + show(mass) + " (0 to 1)");
    const std::string averages = base_ + "/average_accuracy/" + setting;
    violations_.expect(
        average >= lower && average <= upper, averages,
        at(run) + show(average) + " is outside its bounds " + show(lower) + " to " + show(upper));
    violations_.expect(!certified || nearly_equal(average, (lower + upper) / 2), averages,
                       at(run) + show(average) + " is not the middle of its bounds");
    violations_.expect(
        !certified || upper - lower <= 1 - mass + 1e-9, where,
        at(run) + show(upper - lower) + " wide, but only " + show(1 - mass) + " is unexplored");
    const bool no_failure = std::all_of(survival.begin(), survival.end(), [](double r) { return r == 1; });
    violations_.expect(!no_failure || upper - lower <= 1e-12, where, at(run) + "wide, but nothing can fail");
  }
};

}  // namespace

std::unique_ptr<TableCheck> check_bounds(const ExperimentResults& experiment, const ModelResults& model,
                                         Violations& violations) {
  return std::make_unique<BoundsCheck>(experiment, model, violations);
}

}  // namespace deepfog::verification
