#include <algorithm>

#include "evaluation/prediction.hpp"
#include "evaluation/sweep_kernel.hpp"
#include "models/node_network.hpp"

namespace deepfog {

SweepCounter::SweepCounter(std::int64_t classes, std::int64_t labels, SweepDetail detail)
    : labels_(labels), with_sample_hits_(detail.right) {
  const auto rows = static_cast<std::size_t>(classes) + 1;
  counts_.correct.assign(rows, 0);
  if (detail.confusion) counts_.confusion.assign(rows * static_cast<std::size_t>(labels * labels), 0);
}

SweepCounter::SweepCounter(const Topology& topology, const std::vector<double>& thresholds,
                           std::int64_t classes, SweepDetail detail)
    : SweepCounter(classes, topology.classes(), detail) {
  if (!topology.has_exits()) return;
  const std::vector<int> heads = topology.heads();
  heads_ = heads.size();
  for (const int exit : topology.exits()) {
    exits_.push_back(static_cast<std::size_t>(std::find(heads.begin(), heads.end(), exit) - heads.begin()));
  }
  // As with_verdict() compares.
  for (const double threshold : thresholds) thresholds_.push_back(static_cast<float>(threshold));
  for (const double threshold : threshold_grid()) grid_.push_back(static_cast<float>(threshold));
  const std::size_t rows = counts_.correct.size();
  ExitCounts& exits = counts_.exits;
  exits.thresholds = thresholds;
  exits.answered.assign(rows * exits_.size(), 0);
  exits.correct = exits.answered;
  exits.curve_answered.assign(rows * grid_.size() * exits_.size(), 0);
  exits.curve_correct = exits.curve_answered;
  exits.alone.assign(rows * heads_, 0);
}

void SweepCounter::begin_samples(std::int64_t size) {
  const auto classes = static_cast<std::int64_t>(counts_.correct.size()) - 1;
  if (with_sample_hits_ && size > 0 && classes > 0) right_ = SampleHits(classes, size);
}

void SweepCounter::begin_block(const SampleView& block, std::int64_t begin) {
  block_ = block;
  begin_ = begin;
  counts_.samples += block.size;
}

void SweepCounter::end_samples() {
  if (!right_.empty()) counts_.right.append(right_);
  right_ = SampleHits();
}

void SweepCounter::record(std::int32_t of, std::int64_t sample, std::int64_t predicted) {
  const std::int64_t truth = block_.labels[sample];
  counts_.correct[of] += truth == predicted;
  if (with_sample_hits_) right_.set(of - 1, begin_ + sample, truth == predicted);
  if (counts_.confusion.empty()) return;
  ++counts_.confusion[(of * labels_ + truth) * labels_ + predicted];
}

void SweepCounter::scores(std::int32_t of, std::int64_t sample, std::int64_t rows, const float* scores,
                          std::int64_t stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* row = scores + r * stride;
    if (!keeps_close_) {
      record(of, sample + r, largest_score(row, labels_));
      continue;
    }
    const Prediction prediction = predict(row, labels_);
    if (prediction.close) {
      close_.emplace_back(sample + r, of);
    } else {
      record(of, sample + r, prediction.label);
    }
  }
}

std::vector<std::pair<std::int64_t, std::int32_t>> SweepCounter::take_close() {
  std::sort(close_.begin(), close_.end());
  counts_.close += static_cast<std::int64_t>(close_.size());
  return std::exchange(close_, {});
}

void SweepCounter::decide(std::int64_t sample, std::int32_t of, const std::vector<double>& scores) {
  record(of, sample, predict(scores.data(), labels_).label);
}

void SweepCounter::answers(std::int32_t of, const std::vector<const ExitOutcome*>& heads) {
  const auto row_of = static_cast<std::size_t>(of);
  for (std::size_t h = 0; h < heads_; ++h) {
    if (heads[h] == nullptr) continue;
    const auto& own = heads[h]->labels;
    std::int64_t& alone = counts_.exits.alone[row_of * heads_ + h];
    for (std::size_t row = 0; row < own.size(); ++row) alone += own[row] == block_.labels[row];
  }
  std::vector<std::pair<std::size_t, const ExitOutcome*>> live;
  for (std::size_t e = 0; e < exits_.size(); ++e) {
    if (heads[exits_[e]] != nullptr) live.emplace_back(e, heads[exits_[e]]);
  }
  tally(row_of, live);
}

/// A row leaves at the first live exit that is sure of it, or at the last live one (answering_exit()).
void SweepCounter::tally(std::size_t of,
                         const std::vector<std::pair<std::size_t, const ExitOutcome*>>& live) {
  ExitCounts& to = counts_.exits;
  const std::size_t exits = exits_.size(), last = live.size() - 1;
  for (std::size_t row = 0; row < static_cast<std::size_t>(block_.size); ++row) {
    const std::int64_t truth = block_.labels[row];
    std::size_t place = 0;
    while (place < last && !(live[place].second->entropy[row] < thresholds_[live[place].first])) ++place;
    const std::int64_t label = live[place].second->labels[row];
    ++to.answered[of * exits + live[place].first];
    to.correct[of * exits + live[place].first] += label == truth;
    record(static_cast<std::int32_t>(of), static_cast<std::int64_t>(row), label);
    for (std::size_t t = 0; t < grid_.size(); ++t) {
      place = 0;
      while (place < last && !(live[place].second->entropy[row] < grid_[t])) ++place;
      const std::size_t cell = (of * grid_.size() + t) * exits + live[place].first;
      ++to.curve_answered[cell];
      to.curve_correct[cell] += live[place].second->labels[row] == truth;
    }
  }
}

std::int64_t block_end(std::int64_t begin, std::int64_t size, SweepKernel::Block block) {
  const std::int64_t end = begin + block.rows;
  return size - end < block.smallest ? size : end;
}

void sweep_blocks(SweepKernel& kernel, SweepCounter& counter, const SampleView& samples) {
  counter.begin_samples(samples.size);
  for (std::int64_t begin = 0, end = 0; begin < samples.size; begin = end) {
    end = block_end(begin, samples.size, kernel.block());
    const SampleView block{samples.values + begin * samples.features, samples.labels + begin, end - begin,
                           samples.features};
    counter.begin_block(block, begin);
    kernel.run(block, counter);
    for (const auto& [sample, of] : counter.take_close()) {
      counter.decide(sample, of, *kernel.exact(block.values + sample * block.features, of));
    }
  }
  counter.end_samples();
}

}  // namespace deepfog
