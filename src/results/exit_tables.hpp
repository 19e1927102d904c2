#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// What the exits of a network do (DDNN), as plain values; empty() for a model without exits. Counts are of
/// test samples. Rows are those of the model's table: combinations, or classes with class 0. A head gives
/// scores: an exit, or a class summary that is trained and counted alone.
struct ExitTables {
  std::vector<std::string> exits;  ///< stages, in the order in which samples meet them; the last takes all
  std::vector<std::string> heads;  ///< stages: exits and class summaries, topological order
  std::vector<double> thresholds;  ///< [runs, exits] that the run's network has
  std::vector<std::int64_t> answered, correct;              ///< [runs, rows, exits] at these thresholds
  std::vector<double> grid;                                 ///< [points] one threshold for all exits
  std::vector<std::int64_t> curve_answered, curve_correct;  ///< [runs, rows, points, exits]
  std::vector<std::int64_t> alone;  ///< [runs, rows, heads] right when the head answers all samples

  /// Hyperconnections that are messages, for the communication cost: `bits` a sample that travels, and how
  /// many exits a sample must have passed to travel. Kinds: "data" (section III-E counts these), "verdict"
  /// (an exit tells who has left), "answer" (an exit's scores on their way to who collects answers).
  std::vector<std::string> links, link_kinds, senders;  ///< "d1->cloud"; physical node
  std::vector<std::int64_t> bits, exits_passed;

  bool empty() const { return exits.empty(); }
};

}  // namespace deepfog
