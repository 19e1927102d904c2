#include "campaign/task_queue.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

Task training(int model, std::int64_t run, double cost) {
  return {TaskKind::training, {0, model, run}, 0, 0, cost};
}
Task sweep(int model, std::int64_t run, std::int64_t block, double cost) {
  return {TaskKind::sweep, {0, model, run}, block * 64, block * 64 + 64, cost};
}

/// Two runs with two sweeps each; the second run's training is the longest.
Plan small_plan() {
  return {{training(0, 0, 10), sweep(0, 0, 0, 2), sweep(0, 0, 1, 3), training(0, 1, 20), sweep(0, 1, 0, 2),
           sweep(0, 1, 1, 4)}};
}

TEST(TaskQueue, GivesTheLongestWorkFirst) {
  TaskQueue task_queue(small_plan());
  EXPECT_EQ(task_queue.claim(0, std::nullopt), 3);
  EXPECT_EQ(task_queue.claim(1, std::nullopt), 0);
}

TEST(TaskQueue, CountsWhatWaitsForATraining) {
  // 10 + 9 is the longer chain, although 12 is the longer training.
  TaskQueue task_queue(Plan{{training(0, 0, 12), sweep(0, 0, 0, 1), training(0, 1, 10), sweep(0, 1, 0, 9)}});
  EXPECT_EQ(task_queue.claim(0, std::nullopt), 2);
}

TEST(TaskQueue, ASweepWaitsForItsTraining) {
  TaskQueue task_queue(small_plan());
  ASSERT_EQ(task_queue.claim(0, std::nullopt), 3);
  ASSERT_EQ(task_queue.claim(1, std::nullopt), 0);
  EXPECT_FALSE(task_queue.claim(2, std::nullopt).has_value());
  task_queue.complete(3, 0);
  EXPECT_EQ(task_queue.claim(2, std::nullopt), 5);
  EXPECT_EQ(task_queue.claim(2, std::nullopt), 4);
  EXPECT_FALSE(task_queue.claim(2, std::nullopt).has_value());
}

TEST(TaskQueue, PrefersSweepsWhoseWeightsAreAtHand) {
  TaskQueue task_queue(small_plan());
  task_queue.mark_done(0);
  task_queue.mark_done(3);
  EXPECT_EQ(task_queue.claim(0, RunKey{0, 0, 0}), 2);  // though 5 is longer
  EXPECT_EQ(task_queue.claim(1, std::nullopt), 5);
  EXPECT_EQ(task_queue.claim(0, RunKey{0, 0, 0}), 1);
  EXPECT_EQ(task_queue.claim(0, RunKey{0, 0, 0}), 4);  // nothing of its own is left
}

TEST(TaskQueue, TakesResultsOnlyFromTheClaimer) {
  TaskQueue task_queue(small_plan());
  ASSERT_EQ(task_queue.claim(0, std::nullopt), 3);
  EXPECT_THROW(task_queue.complete(3, 1), Failure);
  EXPECT_THROW(task_queue.complete(0, 0), Failure);
  EXPECT_THROW(task_queue.complete(-1, 0), Failure);
  EXPECT_THROW(task_queue.complete(6, 0), Failure);
  task_queue.complete(3, 0);
  EXPECT_THROW(task_queue.complete(3, 0), Failure);
  EXPECT_THROW(task_queue.mark_done(3), Failure);
  EXPECT_EQ(task_queue.tasks_done(), 1);
  EXPECT_DOUBLE_EQ(task_queue.cost_done(), 20);
  EXPECT_DOUBLE_EQ(task_queue.cost_total(), 41);
}

TEST(TaskQueue, OpensAgainWhatALostWorkerHad) {
  TaskQueue task_queue(small_plan());
  ASSERT_EQ(task_queue.claim(7, std::nullopt), 3);
  EXPECT_EQ(task_queue.claimed_by(7), 3);
  EXPECT_EQ(task_queue.release(7), std::vector<int>{3});
  EXPECT_FALSE(task_queue.claimed_by(7).has_value());
  EXPECT_TRUE(task_queue.release(7).empty());
  EXPECT_EQ(task_queue.claim(8, std::nullopt), 3);
}

Plan random_plan(RandomStream& stream) {
  Plan plan;
  const auto runs = static_cast<std::int64_t>(1 + stream.below(5));
  for (std::int64_t run = 0; run < runs; ++run) {
    plan.tasks.push_back(training(0, run, stream.uniform()));
    const auto blocks = static_cast<std::int64_t>(stream.below(4));
    for (std::int64_t block = 0; block < blocks; ++block) {
      plan.tasks.push_back(sweep(0, run, block, stream.uniform()));
    }
  }
  return plan;
}

/// A second, simple account of who holds what.
struct Account {
  std::vector<int> holder, times_done;  ///< -1: nobody
  explicit Account(std::size_t tasks) : holder(tasks, -1), times_done(tasks) {}
};

void check_claim(const Plan& plan, const Account& account, int task) {
  const auto index = static_cast<std::size_t>(task);
  EXPECT_EQ(account.holder[index], -1) << "given out twice";
  EXPECT_EQ(account.times_done[index], 0) << "given out though done";
  const auto training = static_cast<std::size_t>(plan.training_of(task));
  EXPECT_TRUE(training == index || account.times_done[training] == 1) << "sweep before its training";
}

/// Random claims, results and losses of workers: no task is lost, none is done twice.
void play(std::uint64_t seed) {
  RandomStream stream(seed);
  const Plan plan = random_plan(stream);
  TaskQueue task_queue(plan);
  Account account(plan.tasks.size());
  const std::uint64_t workers = 1 + stream.below(5);
  for (int turn = 0; turn < 100000 && !task_queue.all_done(); ++turn) {
    const int worker = static_cast<int>(stream.below(workers));
    const auto held = task_queue.claimed_by(worker);
    const std::uint64_t what = stream.below(10);
    if (held && what < 3) {
      for (const int task : task_queue.release(worker)) account.holder[static_cast<std::size_t>(task)] = -1;
    } else if (held) {
      task_queue.complete(*held, worker);
      account.holder[static_cast<std::size_t>(*held)] = -1;
      ++account.times_done[static_cast<std::size_t>(*held)];
    } else if (const auto task =
                   task_queue.claim(worker, RunKey{0, 0, static_cast<std::int64_t>(stream.below(5))})) {
      check_claim(plan, account, *task);
      account.holder[static_cast<std::size_t>(*task)] = worker;
    }
  }
  EXPECT_TRUE(task_queue.all_done());
  EXPECT_EQ(account.times_done, std::vector<int>(plan.tasks.size(), 1));
  EXPECT_EQ(task_queue.tasks_done(), task_queue.tasks());
  EXPECT_NEAR(task_queue.cost_done(), task_queue.cost_total(), 1e-9);
}

TEST(TaskQueue, NeverLosesOrDuplicatesATask) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    play(seed);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(TaskQueue, SomeoneAlwaysHasWorkWhileTasksAreOpen) {
  TaskQueue task_queue(small_plan());
  std::set<int> seen;
  while (!task_queue.all_done()) {
    const auto task = task_queue.claim(0, std::nullopt);
    ASSERT_TRUE(task.has_value());
    EXPECT_TRUE(seen.insert(*task).second);
    task_queue.complete(*task, 0);
  }
  EXPECT_EQ(seen.size(), 6U);
}

}  // namespace
}  // namespace deepfog
