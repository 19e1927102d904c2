#include "models/exit_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Rows = std::vector<std::vector<float>>;

torch::Tensor tensor(const Rows& rows) {
  torch::Tensor made =
      torch::empty({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows[0].size())});
  float* value = made.data_ptr<float>();
  for (const auto& row : rows) value = std::copy(row.begin(), row.end(), value);
  return made;
}

Rows rows_of(const torch::Tensor& x) {
  const torch::Tensor flat = x.to(torch::kFloat32).contiguous();
  Rows rows;
  for (std::int64_t r = 0; r < flat.size(0); ++r) {
    const float* begin = flat.data_ptr<float>() + r * flat.size(1);
    rows.emplace_back(begin, begin + flat.size(1));
  }
  return rows;
}

/// Compares the rows; NaN equals NaN here.
void expect_rows(const torch::Tensor& x, const Rows& expected) {
  ASSERT_TRUE(x.defined());
  const Rows rows = rows_of(x);
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    ASSERT_EQ(rows[r].size(), expected[r].size());
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      if (std::isnan(expected[r][c])) {
        EXPECT_TRUE(std::isnan(rows[r][c])) << r << " " << c;
      } else {
        EXPECT_NEAR(rows[r][c], expected[r][c], 1e-6) << r << " " << c;
      }
    }
  }
}

double entropy_by_hand(const std::vector<float>& scores) {
  double sum = 0, entropy = 0;
  for (const float score : scores) sum += std::exp(double(score));
  for (const float score : scores) {
    const double p = std::exp(double(score)) / sum;
    entropy -= p * std::log(p);
  }
  return entropy / std::log(double(scores.size()));
}

std::vector<float> entropies(const Rows& rows) {
  return outcome_of(tensor(rows)).entropy;
}

Rows random_rows(RandomStream& stream, int rows, int width, double scale) {
  Rows made(static_cast<std::size_t>(rows));
  for (auto& row : made) {
    for (int c = 0; c < width; ++c) row.push_back(float(scale * (2 * stream.uniform() - 1)));
  }
  return made;
}

TEST(NormalisedEntropy, IsThatOfTheSoftmaxOverTheLogOfTheClasses) {
  RandomStream stream(1);
  for (const int classes : {2, 3, 10}) {
    const Rows rows = random_rows(stream, 20, classes, 4);
    const std::vector<float> found = entropies(rows);
    for (std::size_t r = 0; r < rows.size(); ++r) EXPECT_NEAR(found[r], entropy_by_hand(rows[r]), 1e-6);
  }
  EXPECT_NEAR(entropies({{2, 2, 2}})[0], 1, 1e-6);
  EXPECT_NEAR(entropies({{1000, 0, -1000}})[0], 0, 1e-6) << "no 0 times infinity";
  EXPECT_EQ(entropies({{5}})[0], 0) << "one class is always sure";
}

TEST(WithVerdict, ARowLeavesStrictlyBelowTheThreshold) {
  const Rows rows{{4, 0, 0}, {1, 0, 0}, {0, 0, 0.1F}};
  const std::vector<float> entropy = entropies(rows);
  ASSERT_TRUE(entropy[0] < entropy[1] && entropy[1] < entropy[2]);
  const auto verdicts = [&](double threshold) {
    const Rows given = rows_of(with_verdict(tensor(rows), threshold));
    std::vector<int> column;
    for (std::size_t r = 0; r < given.size(); ++r) {
      EXPECT_EQ(std::vector<float>(given[r].begin(), given[r].end() - 1), rows[r]);
      column.push_back(static_cast<int>(given[r].back()));
    }
    return column;
  };
  EXPECT_EQ(verdicts(0), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(verdicts(entropy[1]), (std::vector<int>{1, 0, 0}));
  EXPECT_EQ(verdicts(std::nextafter(entropy[1], 2.0F)), (std::vector<int>{1, 1, 0}));
  EXPECT_EQ(verdicts(2), (std::vector<int>{1, 1, 1}));
}

TEST(OutcomeOf, SaysLabelsAndSureness) {
  const ExitOutcome outcome = outcome_of(tensor({{1, 3, 3}, {0, -1, -2}}));
  EXPECT_TRUE(outcome.live());
  EXPECT_EQ(outcome.labels, (std::vector<std::int64_t>{1, 0})) << "the first of equals";
  EXPECT_NEAR(outcome.entropy[0], entropy_by_hand({1, 3, 3}), 1e-6);
  EXPECT_FALSE(outcome_of({}).live());
}

TEST(Gate, LetsPassWhatHasNotLeft) {
  const torch::Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
  const torch::Tensor first = tensor({{9, 9, 1}, {9, 9, 0}, {9, 9, 0}});
  const torch::Tensor second = tensor({{kNaN, kNaN, kNaN}, {9, 9, 1}, {9, 9, 0}});  // row 0 never got there
  expect_rows(gate(x, {first}), {{kNaN, kNaN}, {3, 4}, {5, 6}});
  expect_rows(gate(x, {first, second}), {{kNaN, kNaN}, {kNaN, kNaN}, {5, 6}});
  // Even without the first exit's verdict, a row that the second exit has never seen has left.
  expect_rows(gate(x, {torch::Tensor(), second}), {{kNaN, kNaN}, {kNaN, kNaN}, {5, 6}});
  EXPECT_TRUE(gate(x, {torch::Tensor()}).is_same(x)) << "a dead exit lets all pass";
  EXPECT_FALSE(gate({}, {first}).defined());
  expect_rows(x, {{1, 2}, {3, 4}, {5, 6}});  // the gate must not change its input, which others read
  const torch::Tensor here = present(gate(x, {first}));
  EXPECT_EQ(here.scalar_type(), torch::kBool);
  EXPECT_EQ(rows_of(here.unsqueeze(1)), (Rows{{0}, {1}, {1}}));
}

TEST(Answers, AreOfTheFirstSureExitElseOfTheLastReached) {
  // The rows leave at the first exit, at the second, only at the last, at the first although the second
  // computed them as well, and at the second although the last computed them as well.
  const torch::Tensor local = tensor({{1, 0, 1}, {2, 0, 0}, {3, 0, 0}, {4, 0, 1}, {5, 0, 0}});
  const torch::Tensor edge = tensor({{kNaN, kNaN, kNaN}, {0, 5, 1}, {0, 6, 0}, {0, 7, 1}, {0, 8, 1}});
  const torch::Tensor cloud =
      tensor({{kNaN, kNaN, kNaN}, {kNaN, kNaN, kNaN}, {8, 8, 1}, {9, 9, 1}, {7, 7, 1}});
  const torch::Tensor dead;
  expect_rows(answers({local, edge, cloud}), {{1, 0, 0}, {0, 5, 1}, {8, 8, 2}, {4, 0, 0}, {0, 8, 1}});
  expect_rows(answers({local, edge, dead}), {{1, 0, 0}, {0, 5, 1}, {0, 6, 1}, {4, 0, 0}, {0, 8, 1}});
  expect_rows(answers({local, dead, dead}), {{1, 0, 0}, {2, 0, 0}, {3, 0, 0}, {4, 0, 0}, {5, 0, 0}});
  EXPECT_FALSE(answers({dead, dead, dead}).defined());
  expect_rows(local, {{1, 0, 1}, {2, 0, 0}, {3, 0, 0}, {4, 0, 1}, {5, 0, 0}});
}

/// MP, AP and CC by plain loops: Φ (undefined, or NaN in column 0) is ignored, or replaced by zeros in CC.
Rows aggregated(Aggregation how, const std::vector<Rows>& inputs, const std::vector<std::int64_t>& widths,
                std::size_t rows) {
  Rows result(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<std::vector<float>> live;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool there = !inputs[i].empty() && !std::isnan(inputs[i][r][0]);
      if (there) live.push_back(inputs[i][r]);
      if (how != Aggregation::concat) continue;
      const std::vector<float> part =
          there ? inputs[i][r] : std::vector<float>(static_cast<std::size_t>(widths[i]), 0.0F);
      result[r].insert(result[r].end(), part.begin(), part.end());
    }
    if (how == Aggregation::concat) continue;
    for (std::int64_t c = 0; c < widths[0]; ++c) {
      double most = -1e30, sum = 0;
      for (const auto& row : live) {
        most = std::max(most, double(row[static_cast<std::size_t>(c)]));
        sum += double(row[static_cast<std::size_t>(c)]);
      }
      result[r].push_back(float(how == Aggregation::max ? most : sum / double(live.size())));
    }
  }
  return result;
}

TEST(Aggregate, EqualsPlainLoopsWhateverIsMissing) {
  RandomStream stream(2);
  int dead = 0, absent = 0;
  for (int round = 0; round < 200; ++round) {
    const Aggregation how =
        std::vector<Aggregation>{Aggregation::max, Aggregation::mean, Aggregation::concat}[stream.below(3)];
    const std::size_t rows = 1 + stream.below(4);
    std::vector<Rows> inputs;
    std::vector<torch::Tensor> tensors;
    std::vector<std::int64_t> widths;
    for (int i = 0; i < 4; ++i) {
      widths.push_back(how == Aggregation::concat ? 1 + std::int64_t(stream.below(3)) : 2);
      inputs.push_back(random_rows(stream, int(rows), int(widths.back()), 1));
      if (i == 0) continue;  // every row is present in at least one input
      for (auto& row : inputs.back()) {
        if (round % 2 == 0 || stream.below(3) != 0) continue;
        row.assign(row.size(), kNaN);
        ++absent;
      }
    }
    for (Rows& input : inputs) {
      if (&input != &inputs[0] && stream.below(4) == 0) input.clear();
      dead += input.empty();
      tensors.push_back(input.empty() ? torch::Tensor() : tensor(input));
    }
    expect_rows(aggregate(how, tensors, widths), aggregated(how, inputs, widths, rows));
  }
  EXPECT_GT(dead, 50);
  EXPECT_GT(absent, 50);
}

TEST(Aggregate, OfNothingIsNothing) {
  for (const Aggregation how : {Aggregation::max, Aggregation::mean, Aggregation::concat})
    EXPECT_FALSE(aggregate(how, {torch::Tensor(), torch::Tensor()}, {2, 2}).defined());
}

const std::vector<ExitOutcome> kOutcomes{
    {{0.1F, 0.5F, 0.9F, 0.9F}, {0, 1, 2, 2}}, {}, {{0.9F, 0.2F, 0.3F, 0.8F}, {1, 1, 0, 0}}, {}};

TEST(AnsweringExit, IsTheFirstLiveOneThatIsSureElseTheLastLiveOne) {
  const std::vector<double> half{0.5, 1, 0.5, 0};
  EXPECT_EQ(answering_exit(kOutcomes, half, 0), 0);
  EXPECT_EQ(answering_exit(kOutcomes, half, 1), 2) << "0.5 is not below 0.5";
  EXPECT_EQ(answering_exit(kOutcomes, half, 2), 2);
  EXPECT_EQ(answering_exit(kOutcomes, half, 3), 2) << "nobody is sure, the fourth exit is dead";
  EXPECT_EQ(answering_exit({{}, {}}, {1, 1}, 0), -1);
  // The threshold is rounded to the precision of the entropies, as in with_verdict().
  EXPECT_EQ(answering_exit({{{0.1F}, {0}}, {{0.0F}, {0}}}, {0.1, 0}, 0), 1);
}

TEST(Tally, CountsEveryRowOnce) {
  const std::vector<std::int64_t> truth{0, 1, 1, 0};
  const ExitTally half = tally(kOutcomes, {0.5, 0.5, 0.5, 0.5}, truth.data());
  EXPECT_EQ(half.answered, (std::vector<std::int64_t>{1, 0, 3, 0}));
  EXPECT_EQ(half.correct, (std::vector<std::int64_t>{1, 0, 2, 0}));
  EXPECT_EQ(half.all_correct(), 3);
  EXPECT_EQ(tally(kOutcomes, {1, 0, 0, 0}, truth.data()).correct, (std::vector<std::int64_t>{2, 0, 0, 0}));
  EXPECT_EQ(tally({{}, {}}, {1, 1}, truth.data()).answered, (std::vector<std::int64_t>{0, 0}));
}

TEST(ThresholdGrid, GoesFromNoneToAll) {
  const std::vector<double>& grid = threshold_grid();
  ASSERT_EQ(grid.size(), 21U);
  EXPECT_EQ(grid.front(), 0);
  EXPECT_EQ(grid[16], 0.8);
  EXPECT_EQ(grid.back(), 1);
}

/// A row that left at the first exit, whose scores were lost on the way to the answers, is not answered.
TEST(ExitRows, ARowAbsentEverywhereIsAnsweredByNone) {
  const float absent = std::nanf("");
  const torch::Tensor cloud = torch::tensor({{0.1F, 0.9F, 1.0F}, {absent, absent, absent}});
  const torch::Tensor answer = answers({torch::Tensor(), cloud});
  EXPECT_EQ(answer[0][2].item<float>(), 1) << "the second exit";
  EXPECT_EQ(answer[1][2].item<float>(), -1);
}

}  // namespace
}  // namespace deepfog
