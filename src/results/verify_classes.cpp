#include <algorithm>
#include <optional>

#include "resilience/combination.hpp"
#include "resilience/diagram.hpp"
#include "results/verify_table.hpp"

namespace deepfog::verification {
namespace {

/// One count a class of the last stage, with the failure diagram that says which combination is of which
/// class. The diagram is built anew from the topology and compared.
class ClassCheck : public TableCheck {
 public:
  using TableCheck::TableCheck;

  bool sizes() override {
    bool good = absent("/correct", m_.correct.empty() && m_.accuracy.empty() && m_.flow.empty());
    good = absent("/confusion", m_.confusion.empty()) && good;
    good = absent("/average_precision", m_.average_precision.empty() && m_.average_recall.empty()) && good;
    good = absent("/bounds", m_.bounds.empty() && m_.explored.empty()) && good;
    columns_ = m_.class_correct.size() / runs_;
    good =
        violations_.expect(columns_ >= 2 && columns_ * runs_ == m_.class_correct.size(),
                           base_ + "/class_correct", std::to_string(m_.class_correct.size()) + " values") &&
        good;
    return size("/class_accuracy", m_.class_accuracy.size(), runs_ * columns_) && good;
  }

  void topology(const Topology& topology) override {
    DiagramLimits limits;  // what the file holds may be had again, whatever limits the campaign had
    limits.classes = std::max(limits.classes, static_cast<std::int64_t>(m_.diagram.failed.size()) * 2);
    limits.states = std::max(limits.states, static_cast<std::int64_t>(m_.diagram.failed.size()) * 2);
    try {
      diagram_.emplace(topology, limits);
    } catch (const DiagramTooLarge& error) {
      violations_.add(base_ + "/diagram", error.what());
      return;
    }
    compare(diagram_->map());
    if (static_cast<std::size_t>(diagram_->last_classes()) + 1 != columns_) {
      violations_.add(base_ + "/class_correct", std::to_string(columns_) + " classes, but the topology has " +
                                                    std::to_string(diagram_->last_classes() + 1));
      diagram_.reset();
      return;
    }
    for (const auto& [setting, survival] : e_.reliability) {
      probabilities_[setting] = diagram_->class_probabilities(survival);
    }
    whole_ = static_cast<std::size_t>(diagram_->class_of(all_alive(topology.failing())));
  }

  void run(std::size_t run) override {
    const double* row = m_.class_accuracy.data() + run * columns_;
    for (std::size_t c = 0; c < columns_; ++c) {
      accuracy("class_", "run " + std::to_string(run) + ", class " + std::to_string(c) + ": ",
               m_.class_correct[run * columns_ + c], row[c], c != 0);
    }
    if (!diagram_) return;
    const auto [least, most] = std::minmax_element(row, row + columns_);
    for (const auto& [setting, probability] : probabilities_) {
      long double sum = 0;
      for (std::size_t c = 0; c < columns_; ++c) sum += static_cast<long double>(probability[c]) * row[c];
      average_accuracy(setting, run, static_cast<double>(sum), *least, *most, row[whole_]);
    }
  }

 private:
  void compare(const DiagramMap& built) {
    const auto same = [&](const std::string& name, const auto& found, const auto& expected) {
      violations_.expect(found == expected, base_ + "/diagram/" + name, "is not the topology's");
    };
    same("position", m_.diagram.position, built.position);
    same("states", m_.diagram.states, built.states);
    same("failed", m_.diagram.failed, built.failed);
    same("alive", m_.diagram.alive, built.alive);
    same("class_of_state", m_.diagram.class_of_state, built.class_of_state);
  }

  std::size_t columns_ = 0, whole_ = 0;  ///< classes and Φ; the class without failures
  std::optional<Diagram> diagram_;
  Averages probabilities_;  ///< setting -> [columns_]
};

}  // namespace

std::unique_ptr<TableCheck> check_classes(const ExperimentResults& experiment, const ModelResults& model,
                                          Violations& violations) {
  return std::make_unique<ClassCheck>(experiment, model, violations);
}

}  // namespace deepfog::verification
