#include "campaign/campaign_runner.hpp"

#include <unistd.h>

#include <iostream>

#include "campaign/campaign_tasks.hpp"
#include "campaign/dataset_cache.hpp"
#include "campaign/inputs.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/resume_command.hpp"
#include "campaign/shard.hpp"
#include "campaign/task_runner.hpp"
#include "comm/environment.hpp"
#include "results/failed_runs.hpp"
#include "scheduler/worker.hpp"
#include "scheduler/worker_link.hpp"

namespace deepfog {

CampaignRunner::CampaignRunner(const CampaignSpec& spec, const Communicator& communicator,
                               const CampaignOptions& options, const SignalWatch& signals)
    : spec_(spec), communicator_(communicator), options_(options), signals_(signals) {}

CampaignRunner::~CampaignRunner() = default;

void CampaignRunner::tell(const std::string& line) {
  std::cerr << "deepfog: " << line << std::endl;
}

bool CampaignRunner::open(const std::vector<Place>& places) {
  ModelForms forms = forms_of(spec_);  // refuses what is too large before any file is touched
  resume_ = open_campaign(spec_, options_.restart);
  for (const std::string& note : resume_.notes) tell(note);
  if (resume_.finished) {
    tell(whole_output(spec_) + " is complete and valid already, nothing to do");
    outcome_.results = std::move(*resume_.finished);
    clean_up();
    return true;
  }
  const NumericsInfo numerics = numerics_info();
  session_ = {
      resume_.created,       options_.command_line, host_list(places),  mpi_library(), numerics.torch_version,
      numerics.blas_library, communicator_.size(),  core_count(places), utc_now(),     text_of(spec_.shard)};
  if (numerics.reference_blas) {
    tell("WARNING: LibTorch runs on the reference BLAS (" + numerics.blas_library +
         "), about 50 times slower than OpenBLAS: install libopenblas0-openmp");
  }
  for (const std::string& line : oversubscription(places, spec_.threads_per_rank)) tell("WARNING: " + line);
  for (const std::string& line : sample_hits_left_out(spec_, forms, resume_.datasets)) tell(line);
  plan_ = shard_of(make_plan(spec_, resume_.datasets, std::move(forms)), spec_.shard);
  task_queue_ = std::make_unique<TaskQueue>(plan_.graph());
  run_store_ = std::make_unique<RunStore>(spec_, plan_, resume_.datasets, *resume_.journal);
  std::vector<LogRecord> adopted;
  if (!spec_.shard.whole() && (resume_.changed || resume_.journal->records().empty()))
    adopted = finished_elsewhere(spec_, plan_, input_lines(spec_, resume_.datasets), resume_.records());
  replay(adopted);
  assembler_ = std::make_unique<Assembler>(spec_, plan_.forms, resume_.datasets, session_, resume_.sessions);
  resume_.journal->append(record::encode(session_record(session_, spec_.threads_per_rank)));
  skipped_ = task_queue_->cost_done();
  if (task_queue_->tasks_done() > 0) {
    tell("resuming: " + std::to_string(task_queue_->tasks_done()) + " of " +
         std::to_string(task_queue_->tasks()) + " tasks are done already");
  }
  return false;
}

/// Takes over what this journal holds, and what others hold of this shard's runs.
void CampaignRunner::replay(const std::vector<LogRecord>& adopted) {
  const Retry retry = options_.retry ? Retry::all : Retry::passing;
  if (adopted.empty()) {
    for (const std::string& note : run_store_->replay(*task_queue_, resume_.records(), retry)) tell(note);
  } else {
    std::vector<LogRecord> records = resume_.records();
    for (const LogRecord& record : adopted) {
      resume_.journal->append(record);
      records.push_back(record);
    }
    for (const std::string& note : run_store_->replay(*task_queue_, records, retry)) tell(note);
    tell(std::to_string(adopted.size()) + " finished tasks are taken over from other shares");
  }
  if (task_queue_->tasks_given_up() > 0) {
    tell(std::to_string(task_queue_->tasks_given_up()) +
         " tasks of runs that have failed are left out (see below; --retry tries them again)");
  }
}

void CampaignRunner::lead(const Device& device) {
  progress_ = std::make_unique<Progress>(spec_.name, task_queue_->cost_total(), options_.progress, std::cerr,
                                         isatty(STDERR_FILENO) == 1);
  Ending ending = Ending::finished;
  {
    CampaignWork work(spec_, device);
    CampaignTaskRunner runner(spec_, work);
    Worker worker(runner);
    CampaignTasks tasks(spec_, plan_, *run_store_);
    RankWorkerLink worker_link(communicator_, worker);
    Coordinator coordinator(tasks, tasks, *task_queue_, worker_link, calls(), Timeouts{});
    ending = coordinator.run();
  }
  if (!flush(communicator_, collective_deadline())) throw Failure("a rank takes no messages");
  progress_->finish();
  conclude(ending);
}

CoordinatorCalls CampaignRunner::calls() {
  CoordinatorCalls calls;
  calls.signal = [this] { return signals_.received(); };
  calls.snapshot = [this](bool interrupted) { write(interrupted ? "interrupted" : "running"); };
  calls.progress = [this](double cost, const std::string& note) { progress_->update(cost, skipped_, note); };
  calls.tell = [this](const std::string& line) { tell(line); };
  calls.interrupted = [this](const std::string& why) {
    tell(why + ": stopping; resume with: " + resume_command(options_.typed));
  };
  calls.give_up = [](bool failed) {
    end_all_ranks(static_cast<int>(failed ? ExitCode::failed : ExitCode::interrupted));
  };
  return calls;
}

void CampaignRunner::write(const std::string& status) {
  const Results& results = assembler_->update(*run_store_, status);
  const std::lock_guard<std::mutex> turn(storage_mutex());
  write_results(spec_.output, results);
}

void CampaignRunner::conclude(Ending ending) {
  resume_.journal->append(record::encode(record::SessionEnd{utc_now()}));
  if (ending == Ending::interrupted) {
    write("interrupted");
    outcome_.code = ExitCode::interrupted;
    tell("interrupted, " + std::to_string(task_queue_->tasks_done()) + " of " +
         std::to_string(task_queue_->tasks()) + " tasks are done");
    outcome_.results = assembler_->take();
    return;
  }
  write(spec_.shard.whole() ? "complete" : "share");
  outcome_.results = assembler_->take();
  if (status_of(outcome_.results) == failed_runs_status) {
    outcome_.code = tell_failed_runs(outcome_.results, ", or add --retry to it");
    return;
  }
  if (!spec_.shard.whole()) {
    tell("share " + text_of(spec_.shard) + " is done; deepfog merge puts the shares together");
    return;
  }
  outcome_.code = outcome_.results.valid ? ExitCode::good : ExitCode::invalid;
  // An invalid result keeps its journal: it can be looked into, and a mended program assembles it anew.
  if (outcome_.results.valid) {
    clean_up();
  } else {
    tell("INVALID: " + outcome_.results.invalid_reasons);
  }
}

/// The finished file stands alone.
void CampaignRunner::clean_up() {
  if (!spec_.shard.whole()) return;
  if (!spec_.save_weights) remove_weights(spec_);
  resume_.journal->remove();
}

}  // namespace deepfog
