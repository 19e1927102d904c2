#pragma once

#include <string>

#include "campaign/run_store.hpp"
#include "scheduler/task_graph.hpp"

namespace deepfog {

/// The tasks of a campaign for the scheduler: what they need comes from the plan and the run store, and what
/// they yield goes there.
class CampaignTasks : public TaskGraph, public ResultSink {
 public:
  CampaignTasks(const CampaignSpec& spec, const Plan& plan, RunStore& run_store)
      : spec_(spec), plan_(plan), run_store_(run_store) {}
  std::string describe(int task) const override;
  Bytes assignment(int task, bool input_at_hand) const override;
  void store(int task, const Bytes& result) override;
  void store_failure(int task, const std::string& reason, TaskFailure kind) override;

 private:
  const Task& task(int index) const { return plan_.tasks.at(static_cast<std::size_t>(index)); }
  const CampaignSpec& spec_;
  const Plan& plan_;
  RunStore& run_store_;
};

}  // namespace deepfog
