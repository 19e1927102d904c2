#include "campaign/headquarters.hpp"

#include <unistd.h>

#include <iostream>

#include "campaign/dataset_cache.hpp"
#include "campaign/failed_runs.hpp"
#include "campaign/inputs.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/resume_command.hpp"
#include "campaign/share.hpp"
#include "campaign/switchboard.hpp"
#include "campaign/worker.hpp"
#include "comm/environment.hpp"

namespace deepfog {

Headquarters::Headquarters(const CampaignSpec& spec, const Communicator& communicator,
                           const CampaignOptions& options, const SignalWatch& signals)
    : spec_(spec), communicator_(communicator), options_(options), signals_(signals) {}

Headquarters::~Headquarters() = default;

void Headquarters::tell(const std::string& line) {
  std::cerr << "deepfog: " << line << std::endl;
}

bool Headquarters::open(const std::vector<Place>& places) {
  ModelForms forms = forms_of(spec_);  // refuses what is too large before any file is touched
  opening_ = open_campaign(spec_, options_.restart);
  for (const std::string& note : opening_.notes) tell(note);
  if (opening_.finished) {
    tell(whole_output(spec_) + " is complete and valid already, nothing to do");
    outcome_.results = std::move(*opening_.finished);
    clean_up();
    return true;
  }
  const NumericsInfo numerics = numerics_info();
  session_ = {
      opening_.created,      options_.command_line, host_list(places),  mpi_library(), numerics.torch_version,
      numerics.blas_library, communicator_.size(),  core_count(places), utc_now(),     text_of(spec_.share)};
  if (numerics.reference_blas) {
    tell("WARNING: LibTorch runs on the reference BLAS (" + numerics.blas_library +
         "), about 50 times slower than OpenBLAS: install libopenblas0-openmp");
  }
  for (const std::string& line : oversubscription(places, spec_.threads_per_rank)) tell("WARNING: " + line);
  for (const std::string& line : right_left_out(spec_, forms, opening_.datasets)) tell(line);
  plan_ = share_of(make_plan(spec_, opening_.datasets, std::move(forms)), spec_.share);
  board_ = std::make_unique<Board>(plan_);
  ledger_ = std::make_unique<Ledger>(spec_, plan_, opening_.datasets, *opening_.journal);
  std::vector<JournalRecord> adopted;
  if (!spec_.share.whole() && (opening_.changed || opening_.journal->records().empty()))
    adopted = finished_elsewhere(spec_, plan_, input_lines(spec_, opening_.datasets), opening_.records());
  replay(adopted);
  assembler_ =
      std::make_unique<Assembler>(spec_, plan_.forms, opening_.datasets, session_, opening_.sessions);
  opening_.journal->append(record::encode(session_record(session_, spec_.threads_per_rank)));
  skipped_ = board_->cost_done();
  if (board_->units_done() > 0) {
    tell("resuming: " + std::to_string(board_->units_done()) + " of " + std::to_string(board_->units()) +
         " units are done already");
  }
  return false;
}

/// Takes over what this journal holds, and what others hold of this share's runs.
void Headquarters::replay(const std::vector<JournalRecord>& adopted) {
  const Retry retry = options_.retry ? Retry::all : Retry::passing;
  if (adopted.empty()) {
    for (const std::string& note : ledger_->replay(*board_, opening_.records(), retry)) tell(note);
  } else {
    std::vector<JournalRecord> records = opening_.records();
    for (const JournalRecord& record : adopted) {
      opening_.journal->append(record);
      records.push_back(record);
    }
    for (const std::string& note : ledger_->replay(*board_, records, retry)) tell(note);
    tell(std::to_string(adopted.size()) + " finished units are taken over from other shares");
  }
  if (board_->units_given_up() > 0) {
    tell(std::to_string(board_->units_given_up()) +
         " units of runs that have failed are left out (see below; --retry tries them again)");
  }
}

void Headquarters::lead(const Device& device) {
  progress_ = std::make_unique<Progress>(spec_.name, board_->cost_total(), options_.progress, std::cerr,
                                         isatty(STDERR_FILENO) == 1);
  Ending ending = Ending::finished;
  {
    CampaignWork work(spec_, device);
    Worker worker(work);
    RankSwitchboard switchboard(communicator_, worker);
    Server server(spec_, plan_, *board_, *ledger_, switchboard, calls(), Patience{});
    ending = server.run();
  }
  if (!flush(communicator_, collective_deadline())) throw Failure("a rank takes no messages");
  progress_->finish();
  conclude(ending);
}

ServerCalls Headquarters::calls() {
  ServerCalls calls;
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

void Headquarters::write(const std::string& status) {
  const Results& results = assembler_->update(*ledger_, status);
  const std::lock_guard<std::mutex> turn(storage_mutex());
  write_results(spec_.output, results);
}

void Headquarters::conclude(Ending ending) {
  opening_.journal->append(record::encode(record::SessionEnd{utc_now()}));
  if (ending == Ending::interrupted) {
    write("interrupted");
    outcome_.code = ExitCode::interrupted;
    tell("interrupted, " + std::to_string(board_->units_done()) + " of " + std::to_string(board_->units()) +
         " units are done");
    outcome_.results = assembler_->take();
    return;
  }
  write(spec_.share.whole() ? "complete" : "share");
  outcome_.results = assembler_->take();
  if (status_of(outcome_.results) == failed_runs_status) {
    outcome_.code = tell_failed_runs(outcome_.results, ", or add --retry to it");
    return;
  }
  if (!spec_.share.whole()) {
    tell("share " + text_of(spec_.share) + " is done; deepfog merge puts the shares together");
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
void Headquarters::clean_up() {
  if (!spec_.share.whole()) return;
  if (!spec_.save_weights) remove_weights(spec_);
  opening_.journal->remove();
}

}  // namespace deepfog
