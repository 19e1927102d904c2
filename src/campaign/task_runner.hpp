#pragma once

#include <optional>

#include "campaign/task_payload.hpp"
#include "campaign/work.hpp"
#include "scheduler/task_graph.hpp"

namespace deepfog {

/// Does the tasks of a campaign in the thread of one worker, and keeps the weights of the run it was last at.
class CampaignTaskRunner : public TaskRunner {
 public:
  CampaignTaskRunner(const CampaignSpec& spec, Work& work) : spec_(spec), work_(work) {}
  void begin() override { work_.begin(); }
  Bytes run(int task, const Bytes& assignment, const ReportProgress& report) override;
  int at_hand() const override { return trained_; }

 private:
  TrainedModel train(const Task& task, const ReportProgress& report);

  const CampaignSpec& spec_;
  Work& work_;
  int trained_ = -1;            ///< the training whose weights are here; -1: none
  std::optional<RunKey> held_;  ///< its run
  Weights weights_;
};

}  // namespace deepfog
