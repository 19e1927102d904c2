#include "scheduler/task_queue.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

using Tasks = std::vector<ScheduledTask>;

ScheduledTask first_of_run(double cost) {
  return {cost};
}
/// Takes the result of `input`, and is of the group that all on it are in.
ScheduledTask follows(int input, double cost) {
  return {cost, {input}, input, input};
}

/// Two runs with two sweeps each; the second run's training is the longest.
Tasks small_graph() {
  return {first_of_run(10), follows(0, 2), follows(0, 3), first_of_run(20), follows(3, 2), follows(3, 4)};
}

TEST(TaskQueue, GivesTheLongestWorkFirst) {
  TaskQueue task_queue(small_graph());
  EXPECT_EQ(task_queue.claim(0), 3);
  EXPECT_EQ(task_queue.claim(1), 0);
}

TEST(TaskQueue, CountsWhatWaitsForATraining) {
  // 10 + 9 is the longer chain, although 12 is the longer training.
  TaskQueue task_queue({first_of_run(12), follows(0, 1), first_of_run(10), follows(2, 9)});
  EXPECT_EQ(task_queue.claim(0), 2);
}

TEST(TaskQueue, ASweepWaitsForItsTraining) {
  TaskQueue task_queue(small_graph());
  ASSERT_EQ(task_queue.claim(0), 3);
  ASSERT_EQ(task_queue.claim(1), 0);
  EXPECT_FALSE(task_queue.claim(2).has_value());
  task_queue.complete(3, 0);
  EXPECT_EQ(task_queue.claim(2), 5);
  EXPECT_EQ(task_queue.claim(2), 4);
  EXPECT_FALSE(task_queue.claim(2).has_value());
}

TEST(TaskQueue, PrefersSweepsWhoseWeightsAreAtHand) {
  TaskQueue task_queue(small_graph());
  task_queue.mark_done(0);
  task_queue.mark_done(3);
  EXPECT_EQ(task_queue.claim(0, 0), 2);  // though 5 is longer
  EXPECT_EQ(task_queue.claim(1), 5);
  EXPECT_EQ(task_queue.claim(0, 0), 1);
  EXPECT_EQ(task_queue.claim(0, 0), 4);  // nothing of its own is left
}

TEST(TaskQueue, TakesResultsOnlyFromTheClaimer) {
  TaskQueue task_queue(small_graph());
  ASSERT_EQ(task_queue.claim(0), 3);
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
  TaskQueue task_queue(small_graph());
  ASSERT_EQ(task_queue.claim(7), 3);
  EXPECT_EQ(task_queue.claimed_by(7), 3);
  EXPECT_EQ(task_queue.release(7), std::vector<int>{3});
  EXPECT_FALSE(task_queue.claimed_by(7).has_value());
  EXPECT_TRUE(task_queue.release(7).empty());
  EXPECT_EQ(task_queue.claim(8), 3);
}

/// What an earlier task needs is a task that itself needs others, as often as not.
Tasks random_graph(RandomStream& stream) {
  Tasks tasks;
  const std::uint64_t size = 1 + stream.below(20);
  for (std::uint64_t task = 0; task < size; ++task) {
    ScheduledTask scheduled{stream.uniform()};
    for (std::uint64_t earlier = 0; earlier < task; ++earlier) {
      if (stream.below(task) < 2) scheduled.needs.push_back(static_cast<int>(earlier));
    }
    if (!scheduled.needs.empty()) scheduled.input = scheduled.needs.back();
    tasks.push_back(std::move(scheduled));
  }
  return tasks;
}

/// A second, simple account of who holds what.
struct Account {
  std::vector<int> holder, times_done;  ///< -1: nobody
  explicit Account(std::size_t tasks) : holder(tasks, -1), times_done(tasks) {}
};

void check_claim(const Tasks& tasks, const Account& account, int task) {
  const auto index = static_cast<std::size_t>(task);
  EXPECT_EQ(account.holder[index], -1) << "given out twice";
  EXPECT_EQ(account.times_done[index], 0) << "given out though done";
  for (const int needed : tasks[index].needs)
    EXPECT_EQ(account.times_done[static_cast<std::size_t>(needed)], 1) << "given out too early";
}

/// Random claims, results and losses of workers: no task is lost, none is done twice.
void play(std::uint64_t seed) {
  RandomStream stream(seed);
  const Tasks tasks = random_graph(stream);
  TaskQueue task_queue(tasks);
  Account account(tasks.size());
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
    } else if (const auto task = task_queue.claim(worker, static_cast<int>(stream.below(5)))) {
      check_claim(tasks, account, *task);
      account.holder[static_cast<std::size_t>(*task)] = worker;
    }
  }
  EXPECT_TRUE(task_queue.all_done());
  EXPECT_EQ(account.times_done, std::vector<int>(tasks.size(), 1));
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
  TaskQueue task_queue(small_graph());
  std::set<int> seen;
  while (!task_queue.all_done()) {
    const auto task = task_queue.claim(0);
    ASSERT_TRUE(task.has_value());
    EXPECT_TRUE(seen.insert(*task).second);
    task_queue.complete(*task, 0);
  }
  EXPECT_EQ(seen.size(), 6U);
}

/// 0 <- 1 <- 2, 0 <- 3; 1 and 4 are a group; 5 is alone.
Tasks chain() {
  return {{1}, {1, {0}, 0, 7}, {1, {1}, 1}, {1, {0}, 0}, {1, {}, -1, 7}, {1}};
}

TEST(TaskQueue, AFailureGivesUpTheGroupAndAllThatWaitsForIt) {
  TaskQueue task_queue(chain());
  task_queue.mark_done(0);
  ASSERT_EQ(task_queue.claim(0), 1);
  EXPECT_THROW(task_queue.fail(1, 5), Failure);
  task_queue.fail(1, 0);
  EXPECT_EQ(task_queue.tasks_given_up(), 3);
  for (const int task : {0, 1, 2, 4}) EXPECT_TRUE(task_queue.settled(task)) << task;
  for (const int task : {3, 5}) EXPECT_FALSE(task_queue.settled(task)) << task;
  EXPECT_DOUBLE_EQ(task_queue.cost_done(), 4);
}

TEST(TaskQueue, AnEarlierFailureGivesUpWholeChains) {
  TaskQueue task_queue(chain());
  task_queue.mark_failed(0);
  EXPECT_EQ(task_queue.tasks_given_up(), 4)
      << "0, 1, 2 and 3; the group goes with a member that fails itself";
  EXPECT_EQ(task_queue.claim(0), 4);
}

TEST(TaskQueue, OnlyEarlierTasksCanBeNeeded) {
  EXPECT_THROW(TaskQueue(Tasks{{1, {0}}}), Failure);
  EXPECT_THROW(TaskQueue(Tasks{{1}, {1, {-1}}}), Failure);
  EXPECT_THROW(TaskQueue(Tasks{{1, {1}}, {1}}), Failure);
}

}  // namespace
}  // namespace deepfog
