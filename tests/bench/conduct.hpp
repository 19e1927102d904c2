#pragma once

#include <string>
#include <vector>

#include "campaign/plan.hpp"
#include "campaign/work.hpp"
#include "claim_watch.hpp"
#include "comm/communicator.hpp"

namespace deepfog::bench {

/// Both models of Health at one reliability setting, the same for every benchmark of campaigns.
/// @param topologies  folder of health-vanilla.topology and health-deepfogguard.topology
CampaignSpec health_campaign(const std::string& dataset, const std::string& topologies,
                             const std::string& output);

/// Any work, with a note of when this rank began and ended each unit.
class TimedWork : public Work {
 public:
  explicit TimedWork(Work& work) : work_(work) {}
  void begin() override { work_.begin(); }
  TrainedModel train(const Task& task, const EpochCallback& after_epoch) override;
  SweepCounts sweep(const Task& task, const Weights& weights) override;
  LargeDiagramResult bound(const Task& task, const Weights& weights) override;

  double busy_seconds() const { return busy_seconds_; }
  double cpu_seconds() const { return cpu_seconds_; }  ///< of the thread that computes, in units
  const std::vector<double>& gaps() const {
    return gaps_;
  }  ///< seconds from a unit's end to the next's begin
  int tasks() const { return tasks_; }

 private:
  template <class Do>
  auto timed(Do what);
  Work& work_;
  double busy_seconds_ = 0, cpu_seconds_ = 0;
  std::vector<double> gaps_;
  int tasks_ = 0;
  Stopwatch since_last_;
};

/// What the first rank saw of a campaign.
struct Conducted {
  double resume_seconds = 0, serving_seconds = 0, closing_seconds = 0;
  std::vector<Task> tasks;
  ClaimWatch watch;
  double seconds() const { return resume_seconds + serving_seconds + closing_seconds; }
};

/// A campaign from its beginning to the results file, by the parts and in the order of run_campaign(), with a
/// work of the benchmark's choice and a watch over its claims. Collective; an earlier one is thrown away.
/// Files are removed in the end.
/// @return filled on the first rank
Conducted conduct(const CampaignSpec& spec, const Communicator& world, Work& work);

}  // namespace deepfog::bench
