#pragma once

#include <memory>
#include <vector>

#include "campaign/assembler.hpp"
#include "campaign/campaign.hpp"
#include "campaign/resume.hpp"
#include "scheduler/coordinator.hpp"
#include "scheduler/hosts.hpp"
#include "scheduler/signals.hpp"

namespace deepfog {

/// Everything rank 0 does beside computing: opens the files, leads the work, writes the results.
class CampaignRunner {
 public:
  CampaignRunner(const CampaignSpec& spec, const Communicator& communicator, const CampaignOptions& options,
                 const SignalWatch& signals);
  ~CampaignRunner();

  /// True when the campaign is finished already: outcome() holds it then. Throws as open_campaign().
  bool open(const std::vector<Place>& places);

  /// Leads the work to its end and writes the results file. Throws Failure when a rank failed.
  /// @param device  of this rank's own work
  void lead(const Device& device);

  ExitCode outcome_code() const { return outcome_.code; }
  CampaignOutcome outcome() { return std::move(outcome_); }

 private:
  void replay(const std::vector<LogRecord>& adopted);
  void conclude(Ending ending);
  void write(const std::string& status);
  void clean_up();
  CoordinatorCalls calls();
  void tell(const std::string& line);

  const CampaignSpec& spec_;
  const Communicator& communicator_;
  const CampaignOptions& options_;
  const SignalWatch& signals_;
  ResumedCampaign resume_;
  SessionInfo session_;
  Plan plan_;
  double skipped_ = 0;  ///< cost of what earlier sessions finished
  std::unique_ptr<TaskQueue> task_queue_;
  std::unique_ptr<RunStore> run_store_;
  std::unique_ptr<Assembler> assembler_;
  std::unique_ptr<Progress> progress_;
  CampaignOutcome outcome_;
};

}  // namespace deepfog
