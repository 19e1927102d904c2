#include "results/verify_exits.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/spelling.hpp"

namespace deepfog::verification {
namespace {

std::vector<std::string> names_of(const Topology& topology, const std::vector<int>& stages) {
  std::vector<std::string> names;
  for (const int stage : stages) names.push_back(topology.stages()[static_cast<std::size_t>(stage)].name);
  return names;
}

class ExitCheck {
 public:
  ExitCheck(const ExperimentResults& experiment, const ModelResults& model, const Topology& topology,
            Violations& violations)
      : e_(experiment),
        m_(model),
        x_(model.exits),
        topology_(topology),
        violations_(violations),
        base_("/experiments/" + experiment.name + "/models/" + model.name + "/exits"),
        by_class_(table_form(model) == "classes"),
        correct_(by_class_ ? model.class_correct : model.correct),
        rows_(correct_.size() / std::max<std::size_t>(1, model.done.size())),
        exits_(x_.exits.size()),
        points_(x_.grid.size()) {}

  void run() {
    check_without();
    if (!names() || !sizes()) return;
    check_grid();
    for (std::size_t i = 0; i < x_.links.size(); ++i) check_link(i);
    for (const std::string& exit : x_.exits) {
      const auto head = std::find(x_.heads.begin(), x_.heads.end(), exit);
      head_of_exit_.push_back(static_cast<std::size_t>(head - x_.heads.begin()));
    }
    for (std::size_t run = 0; run < m_.done.size(); ++run) {
      if (m_.done[run] != 1) continue;
      check_thresholds(run);
      const std::size_t point = alike(run);
      for (std::size_t k = 0; k < rows_; ++k) check_combination(run, k, point);
    }
  }

 private:
  bool same(const std::string& table, const std::vector<std::string>& found,
            const std::vector<std::string>& expected) {
    return violations_.expect(found == expected, base_ + table,
                              listing(found) + ", but by the topology " + listing(expected));
  }
  bool size(const std::string& table, std::size_t found, std::size_t expected) {
    return violations_.expect(found == expected, base_ + table,
                              std::to_string(found) + " values (" + std::to_string(expected) + ")");
  }
  /// A row of the tables, or one of the curve; words are made for violations alone.
  struct Place {
    bool by_class;
    std::size_t run, row, point;
    std::string words() const {
      return "run " + std::to_string(run) + (by_class ? ", class " : ", combination ") + std::to_string(row) +
             (point != nowhere ? ", point " + std::to_string(point) : "") + ": ";
    }
    static constexpr auto nowhere = static_cast<std::size_t>(-1);
  };

  void check_without() {
    const auto without = m_.text.find("trained_without");
    std::istringstream names(without == m_.text.end() ? "" : without->second);
    for (std::string name; names >> name;) {
      violations_.expect(std::find(e_.nodes.begin(), e_.nodes.end(), name) != e_.nodes.end(),
                         "/experiments/" + e_.name + "/models/" + m_.name + "@trained_without",
                         "no node '" + name + "' (" + listing(e_.nodes) + ")");
    }
  }

  bool names() {
    const bool good = same("/names", x_.exits, names_of(topology_, topology_.exits()));
    return same("/heads", x_.heads, names_of(topology_, topology_.heads())) && good;
  }

  bool sizes() {
    const std::size_t runs = m_.done.size(), rows = runs * rows_, links = x_.links.size();
    bool good = size("/thresholds", x_.thresholds.size(), runs * exits_);
    good = size("/answered", x_.answered.size(), rows * exits_) && good;
    good = size("/correct", x_.correct.size(), rows * exits_) && good;
    good = size("/curve_answered", x_.curve_answered.size(), rows * points_ * exits_) && good;
    good = size("/curve_correct", x_.curve_correct.size(), rows * points_ * exits_) && good;
    good = size("/alone", x_.alone.size(), rows * x_.heads.size()) && good;
    good = size("/links/kinds", x_.link_kinds.size(), links) && good;
    good = size("/links/senders", x_.senders.size(), links) && good;
    good = size("/links/bits", x_.bits.size(), links) && good;
    return size("/links/exits_passed", x_.exits_passed.size(), links) && good;
  }

  void check_grid() {
    violations_.expect(points_ > 0, base_ + "/grid", "empty");
    for (std::size_t p = 0; p < points_; ++p) {
      const std::string point = "point " + std::to_string(p) + ": " + show(x_.grid[p]);
      violations_.expect(in_unit(x_.grid[p]), base_ + "/grid", point + " (0 to 1)");
      if (p > 0)
        violations_.expect(x_.grid[p] > x_.grid[p - 1], base_ + "/grid",
                           point + " behind " + show(x_.grid[p - 1]) + " (ascending)");
    }
  }

  void check_link(std::size_t link) {
    const std::string name = x_.links[link] + ": ", &kind = x_.link_kinds[link], &sender = x_.senders[link];
    violations_.expect(kind == "data" || kind == "verdict" || kind == "answer", base_ + "/links/kinds",
                       name + "'" + kind + "' (data, verdict, answer)");
    const bool known = std::any_of(topology_.nodes().begin(), topology_.nodes().end(),
                                   [&](const PhysicalNode& node) { return node.name == sender; });
    violations_.expect(known, base_ + "/links/senders", name + "no node '" + sender + "'");
    violations_.expect(x_.bits[link] >= 1, base_ + "/links/bits", name + std::to_string(x_.bits[link]));
    const std::int64_t passed = x_.exits_passed[link], exits = static_cast<std::int64_t>(exits_);
    violations_.expect(passed >= 0 && passed < exits, base_ + "/links/exits_passed",
                       name + std::to_string(passed) + " (0 to " + std::to_string(exits - 1) + ")");
  }

  /// The last exit takes all that come to it, whatever its threshold is.
  void check_thresholds(std::size_t run) {
    for (std::size_t e = 0; e < exits_; ++e) {
      const double threshold = x_.thresholds[run * exits_ + e];
      const bool last = e + 1 == exits_;
      violations_.expect(last ? std::isfinite(threshold) : in_unit(threshold), base_ + "/thresholds",
                         "run " + std::to_string(run) + ", " + x_.exits[e] + ": " + show(threshold) +
                             (last ? " (a number)" : " (0 to 1)"));
    }
  }

  /// The point of the grid that is the threshold, a float in a network, of all exits but the last.
  std::size_t alike(std::size_t run) const {
    for (std::size_t p = 0; p < points_; ++p) {
      const auto begin = x_.thresholds.begin() + static_cast<std::ptrdiff_t>(run * exits_);
      if (std::all_of(begin, begin + static_cast<std::ptrdiff_t>(exits_) - 1, [&](double threshold) {
            return static_cast<float>(threshold) == static_cast<float>(x_.grid[p]);
          })) {
        return p;
      }
    }
    return Place::nowhere;
  }

  void check_combination(std::size_t run, std::size_t k, std::size_t point) {
    const std::size_t row = run * rows_ + k;
    const std::int64_t *answered = x_.answered.data() + row * exits_,
                       *correct = x_.correct.data() + row * exits_;
    const Place place{by_class_, run, k, Place::nowhere};
    if (!check_alone(place, row)) return;
    if (check_counts("", place, row, answered, correct)) {
      std::int64_t sum = 0;
      for (std::size_t e = 0; e < exits_; ++e) sum += correct[e];
      if (sum != correct_[row])
        violations_.add(base_ + "/correct", place.words() + "its exits sum to " + std::to_string(sum) +
                                                ", but the model's correct is " +
                                                std::to_string(correct_[row]));
    }
    const std::int64_t* before = nullptr;
    for (std::size_t p = 0; p < points_; ++p) {
      const std::size_t cell = (row * points_ + p) * exits_;
      const std::int64_t *on = x_.curve_answered.data() + cell, *right = x_.curve_correct.data() + cell;
      const Place where{by_class_, run, k, p};
      if (!check_counts("curve_", where, row, on, right)) return;
      if (p == point) {
        expect_alike("/curve_answered", where, on, answered);
        expect_alike("/curve_correct", where, right, correct);
      }
      if (before != nullptr) check_growth(where, before, on);
      before = on;
    }
  }

  std::int64_t samples(std::size_t row) const {
    const std::size_t k = row % rows_;
    return (by_class_ ? k != 0 : m_.flow[k] != 0) ? e_.test_samples : 0;
  }

  bool check_alone(const Place& place, std::size_t row) {
    const std::size_t heads = x_.heads.size();
    const std::int64_t most = samples(row);
    for (std::size_t h = 0; h < heads; ++h) {
      const std::int64_t count = x_.alone[row * heads + h];
      if (count >= 0 && count <= most) continue;
      violations_.add(base_ + "/alone", place.words() + x_.heads[h] + ": " + std::to_string(count) +
                                            " (0 to " + std::to_string(most) + ")");
      return false;
    }
    return true;
  }

  /// Every sample is answered once, and an exit is right, and wrong, no more often than alone.
  bool check_counts(const std::string& prefix, const Place& where, std::size_t row,
                    const std::int64_t* answered, const std::int64_t* correct) {
    const std::int64_t all = samples(row);
    const auto outside = [&](const char* table, std::size_t e, std::int64_t found, std::int64_t least,
                             std::int64_t most) {
      if (found >= least && found <= most) return false;
      violations_.add(base_ + "/" + prefix + table, where.words() + x_.exits[e] + ": " +
                                                        std::to_string(found) + " (" + std::to_string(least) +
                                                        " to " + std::to_string(most) + ")");
      return true;
    };
    std::int64_t sum = 0;
    for (std::size_t e = 0; e < exits_; ++e) {
      if (outside("answered", e, answered[e], 0, all) || outside("correct", e, correct[e], 0, answered[e]))
        return false;
      const std::int64_t alone = x_.alone[row * x_.heads.size() + head_of_exit_[e]];
      if (outside("correct", e, correct[e], std::max<std::int64_t>(0, answered[e] - (all - alone)), alone))
        return false;
      sum += answered[e];
    }
    if (sum == all) return true;
    violations_.add(base_ + "/" + prefix + "answered",
                    where.words() + "sums to " + std::to_string(sum) + " (" + std::to_string(all) + ")");
    return false;
  }

  void expect_alike(const std::string& table, const Place& where, const std::int64_t* curve,
                    const std::int64_t* counts) {
    if (std::equal(curve, curve + exits_, counts)) return;
    violations_.add(base_ + table, where.words() + "the run's thresholds, but other counts");
  }

  /// With a higher threshold no fewer samples have left by any exit.
  void check_growth(const Place& where, const std::int64_t* before, const std::int64_t* now) {
    std::int64_t left_before = 0, left = 0;
    for (std::size_t e = 0; e < exits_; ++e) {
      left_before += before[e];
      left += now[e];
      if (left >= left_before) continue;
      violations_.add(base_ + "/curve_answered", where.words() + std::to_string(left) + " have left by " +
                                                     x_.exits[e] + ", fewer than " +
                                                     std::to_string(left_before) + " with a lower threshold");
      return;
    }
  }

  const ExperimentResults& e_;
  const ModelResults& m_;
  const ExitTables& x_;
  const Topology& topology_;
  Violations& violations_;
  std::string base_;
  bool by_class_;
  const std::vector<std::int64_t>& correct_;
  std::size_t rows_, exits_, points_;
  std::vector<std::size_t> head_of_exit_;  ///< place among the heads
};

}  // namespace

void verify_exits(const ExperimentResults& experiment, const ModelResults& model, const Topology& topology,
                  Violations& violations) {
  const std::string where = "/experiments/" + experiment.name + "/models/" + model.name + "/exits";
  const bool expected = topology.has_exits() && table_form(model) != "bounds";
  if (!violations.expect(model.exits.empty() != expected, where,
                         expected               ? "missing, but the topology has exits"
                         : topology.has_exits() ? "beside a table of bounds"
                                                : "there, but the topology has no exits") ||
      model.exits.empty()) {
    return;
  }
  ExitCheck(experiment, model, topology, violations).run();
}

}  // namespace deepfog::verification
