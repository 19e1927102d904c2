#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/device.hpp"
#include "resilience/combination.hpp"
#include "resilience/sample_hits.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// What the exits of a network do (DDNN, section III-D). Heads in the order of Topology::heads(), exits in
/// that of Topology::exits(). Rows as in SweepCounts.
struct ExitCounts {
  std::vector<double> thresholds;                           ///< [exits] of the network
  std::vector<std::int64_t> answered, correct;              ///< [rows, exits] at the network's thresholds
  std::vector<std::int64_t> curve_answered, curve_correct;  ///< [rows, threshold_grid(), exits]; one
                                                            ///< threshold for all exits
  std::vector<std::int64_t> alone;  ///< [rows, heads] right when this head answers all samples; 0 where it is
                                    ///< Φ, and where no exit answers
  bool empty() const { return alone.empty(); }
};

/// All lists of an ExitCounts, const or not, so that adding, checking and storing treat them alike.
template <class Counts>
auto lists_of(Counts& exits) {
  return std::array{&exits.answered, &exits.correct, &exits.curve_answered, &exits.curve_correct,
                    &exits.alone};
}

/// Correct predictions of one network over some samples. A row is a failure combination, [2^n], or a class of
/// the last stage, [classes + 1] where class 0 stands for those in which nothing flows.
struct SweepCounts {
  std::vector<std::int64_t> correct;  ///< [rows]; 0 where nothing flows
  std::vector<std::int64_t>
      confusion;  ///< [rows, classes, classes] rows true, columns predicted; empty when not asked for
  std::int64_t samples = 0;
  ExitCounts exits{};  ///< of a network with exits, else empty; `correct` is at its thresholds then
  SampleHits right{};  ///< by combination [outcome_rows(), samples], by class [classes, samples] from class
                       ///< 1 on; empty when not asked for
  std::int64_t close = 0;  ///< predictions decided in double precision
};

/// What a sweep records besides the counts.
struct SweepDetail {
  SweepDetail(bool with_confusion = false, bool with_sample_hits = false)  // a plain bool requests confusion
      : confusion(with_confusion), right(with_sample_hits) {}
  bool confusion, right;
};

/// The plain loop over all combinations, with one forward pass each: slow, simple, and the reference for all
/// other ways. Samples are processed in blocks with fixed boundaries, so the counts do not depend on how
/// samples are divided among callers, as long as `samples` begins at a block boundary.
/// @param device  a GPU counts as described in models/device.hpp; its close rows are also decided in double
///                precision, so only networks with other than dense layers may give different results
SweepCounts sweep_reference(const Topology& topology, const std::vector<Columns>& columns,
                            const Weights& weights, const SampleView& samples, SweepDetail detail,
                            const Device& device = {});

/// The plain loop over some combinations of any number of nodes, to recount a table of classes.
/// @return a row for each of them behind row 0, as if each were a class of its own
SweepCounts recount(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
                    const SampleView& samples, const std::vector<Combination>& combinations,
                    SweepDetail detail, const Device& device = {});

/// The same counts from the failure diagram: every class of every node once (diagram_sweep.hpp), expanded to
/// the table. n <= 26. `memory_bytes` bounds the buffers.
SweepCounts sweep_diagram(const Topology& topology, const std::vector<Columns>& columns,
                          const Weights& weights, const SampleView& samples, SweepDetail detail,
                          std::int64_t memory_bytes = std::int64_t{1} << 30, const Device& device = {});

/// Counts by class as a table of combinations.
/// @param class_of  of each combination
/// @param outcomes  rows of the sample hits of each combination, from 1 (outcome_rows()); 0: none
SweepCounts by_combination(const SweepCounts& by_class, const std::vector<std::int32_t>& class_of,
                           const std::vector<std::int32_t>& outcomes);

/// Throws UserError if a sweep of a network of more than dense layers and sums needs more memory, whatever
/// its diagram.
void check_sweep_memory(const Topology& topology, std::int64_t memory_bytes);

/// Adds counts of further samples, which follow those of `sum`.
void add(SweepCounts& sum, const SweepCounts& part);

/// The probability of guessing each class if no information flows: uniform, or the class frequencies of the
/// training samples.
std::vector<double> guess_probabilities(const Dataset& dataset, const std::string& guess);

/// The expected accuracy of guessing on the test samples.
double guess_accuracy(const Dataset& dataset, const std::vector<double>& guess);

/// Macro-averaged precision and recall of one combination over the classes that occur in the test samples; a
/// class that is never predicted has precision 0. `confusion` is [classes, classes].
struct PrecisionRecall {
  double precision = 0, recall = 0;
};
PrecisionRecall precision_recall(const std::int64_t* confusion, std::int64_t classes);

/// The expected values for guessing: the precision of a class is its share of the samples, and its recall is
/// its probability.
PrecisionRecall guessed_precision_recall(const std::vector<std::int64_t>& class_counts,
                                         const std::vector<double>& guess);

}  // namespace deepfog
