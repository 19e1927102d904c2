#include "campaign/merge.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include "campaign/assembler.hpp"
#include "campaign/dataset_cache.hpp"
#include "campaign/inputs.hpp"
#include "campaign/lineage.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/resume.hpp"
#include "campaign/shard.hpp"
#include "comm/environment.hpp"
#include "results/failed_runs.hpp"

namespace deepfog {
namespace {

void tell(const std::string& line) {
  std::cerr << "deepfog: " << line << std::endl;
}

/// What the shards hold, every one of them locked.
struct Collection {
  std::vector<std::unique_ptr<RecordLog>> journals;
  std::vector<LogRecord> records;
  std::vector<SessionResults> sessions;  ///< by the time of their beginning
  std::string created;                   ///< of the earliest
};

void add(Collection& all, const CampaignSpec& spec, const ShardJournal& shard, const std::string& inputs) {
  const ConfigParts now(spec.config_text, inputs);
  const std::string header = record_log_header(shard.path);
  demand_same_campaign(shard.path, ConfigParts(header, ""), now);
  all.journals.push_back(std::make_unique<RecordLog>(shard.path, header));
  const std::vector<LogRecord>& records = all.journals.back()->records();
  if (records.empty() || records.front().type != record::inputs_type) return;  // it had hardly begun
  const record::Inputs begun = record::decode_inputs(records.front(), shard.path);
  demand_same_campaign(shard.path, config_in_force(header, records, shard.path).parts(), now);
  if (all.created.empty() || begun.created < all.created) all.created = begun.created;
  for (LogRecord& record : records_in_force(header, records, now, shard.path))
    all.records.push_back(std::move(record));
  for (SessionResults& session : sessions_in(records, shard.path)) all.sessions.push_back(std::move(session));
}

Collection collect(const CampaignSpec& spec, const std::vector<ShardJournal>& shards,
                   const std::string& inputs) {
  Collection all;
  for (const ShardJournal& shard : shards) add(all, spec, shard, inputs);
  std::stable_sort(all.sessions.begin(), all.sessions.end(),
                   [](const auto& a, const auto& b) { return a.text.at("began") < b.text.at("began"); });
  return all;
}

/// Of all shards, each once, in the order of the sessions; `own` where there is none.
std::string hosts_of(const std::vector<SessionResults>& sessions, const std::string& own) {
  std::vector<Place> places;
  for (const SessionResults& session : sessions) {
    std::istringstream names(session.text.at("hosts"));
    for (std::string name; std::getline(names, name, ',');) places.push_back({name});
  }
  return places.empty() ? own : host_list(places);
}

SessionInfo this_merge(const CampaignOptions& options, const Collection& all) {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const NumericsInfo numerics = numerics_info();
  SessionInfo session;
  session.began = utc_now();
  session.created = all.created.empty() ? session.began : all.created;
  session.command_line = options.command_line;
  session.hosts = hosts_of(all.sessions, host);
  session.mpi_library = mpi_library();
  session.torch_version = numerics.torch_version;
  session.blas_library = numerics.blas_library;
  session.cores = core_count({this_place(host)});
  session.shard = "merge";
  return session;
}

/// One line for each shard that lacks tasks, of the division that most journals belong to.
void tell_missing(const CampaignSpec& spec, const Plan& plan, const TaskQueue& task_queue,
                  const std::vector<ShardJournal>& shards) {
  std::map<int, int> journals;
  for (const ShardJournal& shard : shards) ++journals[shard.shard.of];
  int of = 1;
  for (const auto& [division, count] : journals) {
    if (journals.count(of) == 0 || count > journals[of]) of = division;
  }
  std::map<std::string, bool> done;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task)
    done[describe(spec, plan.tasks[task])] = task_queue.settled(static_cast<int>(task));
  for (int number = 1; number <= of; ++number) {
    const Plan part = shard_of(plan, {number, of});
    std::size_t finished = 0;
    for (const Task& task : part.tasks) finished += done.at(describe(spec, task)) ? 1 : 0;
    if (finished == part.tasks.size()) continue;
    tell("share " + text_of(Shard{number, of}) + ": " + std::to_string(finished) + " of " +
         std::to_string(part.tasks.size()) + " tasks are done; go on with --share " + std::to_string(number) +
         "/" + std::to_string(of));
  }
}

CampaignOutcome finished_already(const CampaignSpec& spec, Results results) {
  tell(spec.output + " is complete and valid already, nothing to do");
  remove_shards(spec);
  CampaignOutcome outcome;
  outcome.results = std::move(results);
  return outcome;
}

}  // namespace

CampaignOutcome merge_shards(const CampaignSpec& spec, const CampaignOptions& options) {
  check_spec(spec);
  check_outputs(spec);
  ModelForms forms = forms_of(spec);
  const std::vector<DatasetSummary> datasets = look_at_data(spec);
  const std::string inputs = input_lines(spec, datasets);
  if (auto earlier = earlier_results(spec.output)) {
    demand_same_results(spec.output, *earlier, spec, inputs);
    if (complete_and_valid(*earlier)) return finished_already(spec, std::move(*earlier));
  }
  std::error_code error;
  if (std::filesystem::exists(journal_path(spec), error))
    throw UserError(journal_path(spec), "this campaign is being done as a whole, too",
                    "its end, or another output");
  const std::vector<ShardJournal> shards = shard_journals(spec);
  if (shards.empty())
    throw UserError(shards_folder(spec), "no shares of this campaign", "deepfog run --share K/N makes them");
  Collection all = collect(spec, shards, inputs);
  for (const std::string& line : sample_hits_left_out(spec, forms, datasets)) tell(line);
  const Plan plan = make_plan(spec, datasets, std::move(forms));
  TaskQueue task_queue(plan.graph());
  RunStore run_store(spec, plan, datasets, *all.journals.front());
  for (const std::string& note : run_store.replay(task_queue, all.records, Retry::none)) tell(note);
  CampaignOutcome outcome;
  if (!task_queue.all_done()) {
    tell_missing(spec, plan, task_queue, shards);
    outcome.code = ExitCode::interrupted;
    return outcome;
  }
  Assembler assembler(spec, plan.forms, datasets, this_merge(options, all), all.sessions);
  const Results& results = assembler.update(run_store, "complete");
  {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    write_results(spec.output, results);
  }
  outcome.results = assembler.take();
  if (status_of(outcome.results) == failed_runs_status) {
    outcome.code = tell_failed_runs(outcome.results, "");  // the shards stay, so that they can go on
    return outcome;
  }
  outcome.code = outcome.results.valid ? ExitCode::good : ExitCode::invalid;
  if (!outcome.results.valid) {
    tell("INVALID: " + outcome.results.invalid_reasons);
    return outcome;
  }
  remove_folder_of_shards(spec);  // under their locks
  if (!spec.save_weights) remove_weights(spec);
  return outcome;
}

}  // namespace deepfog
