#include "campaign/board.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

Unit training(int model, std::int64_t run, double cost) {
  return {UnitKind::training, {0, model, run}, 0, 0, cost};
}
Unit sweep(int model, std::int64_t run, std::int64_t block, double cost) {
  return {UnitKind::sweep, {0, model, run}, block * 64, block * 64 + 64, cost};
}

/// Two runs with two sweeps each; the second run's training is the longest.
Plan small_plan() {
  return {{training(0, 0, 10), sweep(0, 0, 0, 2), sweep(0, 0, 1, 3), training(0, 1, 20), sweep(0, 1, 0, 2),
           sweep(0, 1, 1, 4)}};
}

TEST(Board, GivesTheLongestWorkFirst) {
  Board board(small_plan());
  EXPECT_EQ(board.claim(0, std::nullopt), 3);
  EXPECT_EQ(board.claim(1, std::nullopt), 0);
}

TEST(Board, CountsWhatWaitsForATraining) {
  // 10 + 9 is the longer chain, although 12 is the longer training.
  Board board(Plan{{training(0, 0, 12), sweep(0, 0, 0, 1), training(0, 1, 10), sweep(0, 1, 0, 9)}});
  EXPECT_EQ(board.claim(0, std::nullopt), 2);
}

TEST(Board, ASweepWaitsForItsTraining) {
  Board board(small_plan());
  ASSERT_EQ(board.claim(0, std::nullopt), 3);
  ASSERT_EQ(board.claim(1, std::nullopt), 0);
  EXPECT_FALSE(board.claim(2, std::nullopt).has_value());
  board.complete(3, 0);
  EXPECT_EQ(board.claim(2, std::nullopt), 5);
  EXPECT_EQ(board.claim(2, std::nullopt), 4);
  EXPECT_FALSE(board.claim(2, std::nullopt).has_value());
}

TEST(Board, PrefersSweepsWhoseWeightsAreAtHand) {
  Board board(small_plan());
  board.mark_done(0);
  board.mark_done(3);
  EXPECT_EQ(board.claim(0, RunKey{0, 0, 0}), 2);  // though 5 is longer
  EXPECT_EQ(board.claim(1, std::nullopt), 5);
  EXPECT_EQ(board.claim(0, RunKey{0, 0, 0}), 1);
  EXPECT_EQ(board.claim(0, RunKey{0, 0, 0}), 4);  // nothing of its own is left
}

TEST(Board, TakesResultsOnlyFromTheClaimer) {
  Board board(small_plan());
  ASSERT_EQ(board.claim(0, std::nullopt), 3);
  EXPECT_THROW(board.complete(3, 1), Failure);
  EXPECT_THROW(board.complete(0, 0), Failure);
  EXPECT_THROW(board.complete(-1, 0), Failure);
  EXPECT_THROW(board.complete(6, 0), Failure);
  board.complete(3, 0);
  EXPECT_THROW(board.complete(3, 0), Failure);
  EXPECT_THROW(board.mark_done(3), Failure);
  EXPECT_EQ(board.units_done(), 1);
  EXPECT_DOUBLE_EQ(board.cost_done(), 20);
  EXPECT_DOUBLE_EQ(board.cost_total(), 41);
}

TEST(Board, OpensAgainWhatALostWorkerHad) {
  Board board(small_plan());
  ASSERT_EQ(board.claim(7, std::nullopt), 3);
  EXPECT_EQ(board.claimed_by(7), 3);
  EXPECT_EQ(board.release(7), std::vector<int>{3});
  EXPECT_FALSE(board.claimed_by(7).has_value());
  EXPECT_TRUE(board.release(7).empty());
  EXPECT_EQ(board.claim(8, std::nullopt), 3);
}

Plan random_plan(RandomStream& stream) {
  Plan plan;
  const auto runs = static_cast<std::int64_t>(1 + stream.below(5));
  for (std::int64_t run = 0; run < runs; ++run) {
    plan.units.push_back(training(0, run, stream.uniform()));
    const auto blocks = static_cast<std::int64_t>(stream.below(4));
    for (std::int64_t block = 0; block < blocks; ++block) {
      plan.units.push_back(sweep(0, run, block, stream.uniform()));
    }
  }
  return plan;
}

/// A second, simple account of who holds what.
struct Account {
  std::vector<int> holder, times_done;  ///< -1: nobody
  explicit Account(std::size_t units) : holder(units, -1), times_done(units) {}
};

void check_claim(const Plan& plan, const Account& account, int unit) {
  const auto index = static_cast<std::size_t>(unit);
  EXPECT_EQ(account.holder[index], -1) << "given out twice";
  EXPECT_EQ(account.times_done[index], 0) << "given out though done";
  const auto training = static_cast<std::size_t>(plan.training_of(unit));
  EXPECT_TRUE(training == index || account.times_done[training] == 1) << "sweep before its training";
}

/// Random claims, results and losses of workers: no unit is lost, none is done twice.
void play(std::uint64_t seed) {
  RandomStream stream(seed);
  const Plan plan = random_plan(stream);
  Board board(plan);
  Account account(plan.units.size());
  const std::uint64_t workers = 1 + stream.below(5);
  for (int turn = 0; turn < 100000 && !board.all_done(); ++turn) {
    const int worker = static_cast<int>(stream.below(workers));
    const auto held = board.claimed_by(worker);
    const std::uint64_t what = stream.below(10);
    if (held && what < 3) {
      for (const int unit : board.release(worker)) account.holder[static_cast<std::size_t>(unit)] = -1;
    } else if (held) {
      board.complete(*held, worker);
      account.holder[static_cast<std::size_t>(*held)] = -1;
      ++account.times_done[static_cast<std::size_t>(*held)];
    } else if (const auto unit =
                   board.claim(worker, RunKey{0, 0, static_cast<std::int64_t>(stream.below(5))})) {
      check_claim(plan, account, *unit);
      account.holder[static_cast<std::size_t>(*unit)] = worker;
    }
  }
  EXPECT_TRUE(board.all_done());
  EXPECT_EQ(account.times_done, std::vector<int>(plan.units.size(), 1));
  EXPECT_EQ(board.units_done(), board.units());
  EXPECT_NEAR(board.cost_done(), board.cost_total(), 1e-9);
}

TEST(Board, NeverLosesOrDuplicatesAUnit) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    play(seed);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Board, SomeoneAlwaysHasWorkWhileUnitsAreOpen) {
  Board board(small_plan());
  std::set<int> seen;
  while (!board.all_done()) {
    const auto unit = board.claim(0, std::nullopt);
    ASSERT_TRUE(unit.has_value());
    EXPECT_TRUE(seen.insert(*unit).second);
    board.complete(*unit, 0);
  }
  EXPECT_EQ(seen.size(), 6U);
}

}  // namespace
}  // namespace deepfog
