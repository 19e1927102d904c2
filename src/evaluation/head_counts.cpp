#include "evaluation/head_counts.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "resilience/outcomes.hpp"

namespace deepfog {

std::int64_t block_end(std::int64_t begin, std::int64_t size, std::int64_t block) {
  constexpr std::int64_t smallest = 64;
  const std::int64_t end = begin + block;
  return size - end < smallest ? size : end;
}

HeadCounts::HeadCounts(const Topology& topology, const std::vector<double>& thresholds, SweepDetail detail,
                       std::int64_t samples)
    : classes_(topology.classes()),
      last_node_(topology.nodes()[topology.stages().back().node].position),
      thresholds_(thresholds) {
  const std::vector<int> heads = topology.heads();
  heads_ = heads.size();
  for (const int exit : topology.exits()) {
    exits_.push_back(static_cast<std::size_t>(std::find(heads.begin(), heads.end(), exit) - heads.begin()));
  }
  const auto combinations = std::size_t{1} << topology.failing();
  counts_.correct.assign(combinations, 0);
  if (detail.right && samples > 0) {
    outcome_ = outcome_rows(topology);
    counts_.right = SampleHits(outcome_count(outcome_), samples);
    outcome_ = first_of_each(std::move(outcome_));
  }
  if (detail.confusion)
    counts_.confusion.assign(combinations * static_cast<std::size_t>(classes_ * classes_), 0);
  if (exits_.empty()) return;
  ExitCounts& exits = counts_.exits;
  exits.thresholds = thresholds_;
  exits.answered.assign(combinations * exits_.size(), 0);
  exits.correct = exits.answered;
  exits.curve_answered.assign(combinations * threshold_grid().size() * exits_.size(), 0);
  exits.curve_correct = exits.curve_answered;
  exits.alone.assign(combinations * heads_, 0);
}

/// @param row  of those being added
void HeadCounts::count(Combination combination, std::size_t row, std::int64_t predicted, std::int64_t truth) {
  counts_.correct[combination] += predicted == truth;
  if (!outcome_.empty() && outcome_[combination] != 0) {
    counts_.right.set(outcome_[combination] - 1, counts_.samples + static_cast<std::int64_t>(row),
                      predicted == truth);
  }
  if (counts_.confusion.empty()) return;
  const auto table = static_cast<std::int64_t>(combination) * classes_ + truth;
  ++counts_.confusion[static_cast<std::size_t>(table * classes_ + predicted)];
}

void HeadCounts::add_plain(Combination combination, const ExitOutcome& last, const std::int64_t* labels) {
  for (std::size_t row = 0; row < last.labels.size(); ++row)
    count(combination, row, last.labels[row], labels[row]);
}

void HeadCounts::add(Combination combination, const std::vector<const ExitOutcome*>& heads,
                     const std::int64_t* labels) {
  if (!alive(combination, last_node_)) return;
  if (exits_.empty()) {
    if (heads.back() != nullptr) add_plain(combination, *heads.back(), labels);
    return;
  }
  std::vector<ExitOutcome> exits;
  bool flows = false;
  for (const std::size_t place : exits_) {
    exits.push_back(heads[place] != nullptr ? *heads[place] : ExitOutcome{});
    flows = flows || exits.back().live();
  }
  if (!flows) return;
  ExitCounts& to = counts_.exits;
  for (std::size_t h = 0; h < heads_; ++h) {
    if (heads[h] == nullptr) continue;
    const auto& own = heads[h]->labels;
    for (std::size_t row = 0; row < own.size(); ++row)
      to.alone[combination * heads_ + h] += own[row] == labels[row];
  }
  const std::size_t size = exits.size(), grid = threshold_grid().size();
  const auto put = [&](std::size_t at, const ExitTally& from, auto& answered, auto& correct) {
    for (std::size_t e = 0; e < size; ++e) {
      answered[at * size + e] += from.answered[e];
      correct[at * size + e] += from.correct[e];
    }
  };
  put(combination, tally(exits, thresholds_, labels), to.answered, to.correct);
  for (std::size_t t = 0; t < grid; ++t) {
    const std::vector<double> alike(size, threshold_grid()[t]);
    put(combination * grid + t, tally(exits, alike, labels), to.curve_answered, to.curve_correct);
  }
  std::size_t rows = 0;
  for (const ExitOutcome& exit : exits) rows = std::max(rows, exit.labels.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const int exit = answering_exit(exits, thresholds_, row);
    count(combination, row, exits[static_cast<std::size_t>(exit)].labels[row], labels[row]);
  }
}

}  // namespace deepfog
