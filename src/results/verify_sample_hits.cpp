#include "results/verify_sample_hits.hpp"

#include "resilience/diagram.hpp"
#include "resilience/outcomes.hpp"
#include "resilience/sample_hits.hpp"

namespace deepfog::verification {
namespace {

class SampleHitsCheck {
 public:
  SampleHitsCheck(const ExperimentResults& experiment, const ModelResults& model, Violations& violations)
      : e_(experiment),
        m_(model),
        violations_(violations),
        base_("/experiments/" + experiment.name + "/models/" + model.name),
        runs_(static_cast<std::size_t>(experiment.runs)),
        stride_(static_cast<std::size_t>(SampleHits::stride_for(experiment.test_samples))),
        rows_(m_.right.size() / runs_ / stride_) {}

  void run(const Topology& topology) {
    if (!sizes()) return;
    std::vector<std::int32_t> row_of = m_.right_row;
    if (table_form(m_) == "classes") {
      for (std::size_t c = 0; c <= rows_; ++c) row_of.push_back(static_cast<std::int32_t>(c));
    } else if (!check_rows(topology)) {
      return;
    }
    const std::vector<std::int64_t>& correct = table_form(m_) == "classes" ? m_.class_correct : m_.correct;
    for (std::size_t run = 0; run < runs_; ++run) {
      if (m_.done[run] != 1) continue;
      const std::vector<std::int64_t> right = count(run);
      for (std::size_t k = 0; k < row_of.size(); ++k) {
        const std::int64_t found = right[static_cast<std::size_t>(row_of[k])];
        if (row_of[k] == 0 || found == correct[run * row_of.size() + k]) continue;
        violations_.add(base_ + "/right", "run " + std::to_string(run) + ", row " +
                                              std::to_string(row_of[k] - 1) + ": " + std::to_string(found) +
                                              " samples, but correct is " +
                                              std::to_string(correct[run * row_of.size() + k]));
      }
    }
  }

 private:
  bool sizes() {
    const bool classes = table_form(m_) == "classes";
    const std::size_t expected = classes ? 0 : m_.flow.size();
    bool good = violations_.expect(rows_ > 0 && rows_ * runs_ * stride_ == m_.right.size(), base_ + "/right",
                                   std::to_string(m_.right.size()) + " bytes");
    if (classes && good)
      good = violations_.expect(rows_ + 1 == m_.class_correct.size() / runs_, base_ + "/right",
                                std::to_string(rows_) + " rows, not one a class");
    good = violations_.expect(
               m_.right_row.size() == expected, base_ + "/right_row",
               std::to_string(m_.right_row.size()) + " values (" + std::to_string(expected) + ")") &&
           good;
    return violations_.expect(
               e_.test_labels.size() == static_cast<std::size_t>(e_.test_samples),
               "/experiments/" + e_.name + "/test_labels",
               std::to_string(e_.test_labels.size()) + " values (" + std::to_string(e_.test_samples) + ")") &&
           good;
  }

  /// Of a network cut over devices the rows follow from the partition, so that any are good that tell apart
  /// what flows: counts are compared with them.
  bool check_cut_rows() {
    for (std::size_t k = 0; k < m_.right_row.size(); ++k) {
      const std::int32_t row = m_.right_row[k];
      if (row >= 0 && static_cast<std::size_t>(row) <= rows_ && (row != 0) == (m_.flow[k] != 0)) continue;
      violations_.add(base_ + "/right_row", "combination " + std::to_string(k) + ": " + std::to_string(row));
      return false;
    }
    return true;
  }

  bool check_rows(const Topology& topology) {
    if (!m_.partition.empty()) return check_cut_rows();
    const std::string where = base_ + "/right_row";
    try {
      const std::vector<std::int32_t> expected = outcome_rows(topology);
      bool good = violations_.expect(
          static_cast<std::size_t>(outcome_count(expected)) == rows_, where,
          std::to_string(rows_) + " rows, but by the topology " + std::to_string(outcome_count(expected)));
      for (std::size_t k = 0; k < expected.size() && good; ++k) {
        if (expected[k] == m_.right_row[k]) continue;
        violations_.add(where, "combination " + std::to_string(k) + ": " + std::to_string(m_.right_row[k]) +
                                   ", but by the topology " + std::to_string(expected[k]));
        good = false;
      }
      return good;
    } catch (const DiagramTooLarge& error) {
      violations_.add(where, error.what());
      return false;
    }
  }

  /// Right samples of each row of a run, from 1.
  std::vector<std::int64_t> count(std::size_t run) {
    std::vector<std::int64_t> right{0};
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::uint8_t* bits = m_.right.data() + (run * rows_ + row) * stride_;
      violations_.expect(ends_clean(bits, e_.test_samples), base_ + "/right",
                         "bits behind the last sample of row " + std::to_string(row));
      right.push_back(ones(bits, static_cast<std::int64_t>(stride_)));
    }
    return right;
  }

  const ExperimentResults& e_;
  const ModelResults& m_;
  Violations& violations_;
  std::string base_;
  std::size_t runs_, stride_, rows_;
};

}  // namespace

void verify_sample_hits(const ExperimentResults& experiment, const ModelResults& model,
                        const Topology& topology, Violations& violations) {
  const std::string base = "/experiments/" + experiment.name + "/models/" + model.name;
  if (model.right.empty()) {
    violations.expect(model.right_row.empty(), base + "/right_row", "there, but no right");
    return;
  }
  if (!violations.expect(table_form(model) != "bounds", base + "/right", "beside a table of bounds")) return;
  SampleHitsCheck(experiment, model, violations).run(topology);
}

}  // namespace deepfog::verification
