#include "campaign/resume.hpp"

#include <algorithm>
#include <filesystem>

#include "campaign/dataset_cache.hpp"
#include "campaign/inputs.hpp"
#include "campaign/lineage.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/session.hpp"
#include "campaign/shard.hpp"
#include "core/error.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace {

/// A campaign is done as a whole or in shards: both would write the same weights.
void demand_one_way(const CampaignSpec& spec) {
  std::error_code error;
  const std::string journal = whole_output(spec) + ".journal";
  if (!spec.shard.whole() && std::filesystem::exists(journal, error)) {
    throw UserError(journal, "this campaign was begun as a whole",
                    "the same command without --share, or another output");
  }
  if (spec.shard.whole() && !shard_journals(spec).empty()) {
    throw UserError(shards_folder(spec), "this campaign is being done in shares",
                    "deepfog merge, or --restart throws them away");
  }
}

/// Takes the lock first: nothing of a job that is at work may be removed.
void throw_away(const CampaignSpec& spec) {
  std::error_code error;
  if (std::filesystem::exists(journal_path(spec), error)) {
    RecordLog earlier(journal_path(spec), record_log_header(journal_path(spec)));
    earlier.remove();
  }
  // A shard's weights are written over when their runs are trained once more.
  if (spec.shard.whole()) {
    remove_shards(spec);
    remove_weights(spec);
  }
  // Where the output is a link, the file goes and the link stays.
  if (!std::filesystem::remove(link_target(spec.output), error) && error)
    throw Failure(spec.output + ": " + error.message());
}

std::string text_of(const Results& results, const std::string& name) {
  const auto entry = results.text.find(name);
  return entry == results.text.end() ? "" : entry->second;
}

/// Of a journal that has records: those that count now. Writes down that the config has changed where it has.
void take_over(ResumedCampaign& resume, const CampaignSpec& spec) {
  const std::string path = journal_path(spec), inputs = input_lines(spec, resume.datasets);
  const std::string& header = resume.journal->header_text();
  const auto& records = resume.journal->records();
  if (records.front().type != record::inputs_type) throw UserError(path, "has no inputs record", ways_out);
  resume.created = record::decode_inputs(records.front(), path).created;
  const ConfigInForce before = config_in_force(header, records, path);
  const ConfigParts now(spec.config_text, inputs);
  demand_same_campaign(path, before.parts(), now);
  resume.changed = before.config != spec.config_text || before.inputs != inputs;
  const bool changed_before = std::any_of(records.begin(), records.end(), [](const LogRecord& entry) {
    return entry.type == record::change_type;
  });
  if (!resume.changed && !changed_before) return;
  std::size_t dropped = 0;
  resume.in_force = records_in_force(header, records, now, path, &dropped);
  if (!resume.changed) return;
  resume.journal->append(record::encode(record::Change{spec.config_text, inputs}));
  std::string changes;
  for (const std::string& change : now.changes(before.parts()))
    changes += (changes.empty() ? ": " : ", ") + change;
  resume.notes.push_back("the config has changed" + changes + "; " + std::to_string(dropped) +
                         " finished tasks do not count any more, the others are kept");
}

/// The journal of this campaign, new or as an earlier session left it.
void open_journal(ResumedCampaign& resume, const CampaignSpec& spec) {
  const std::string earlier = record_log_header(journal_path(spec));
  const std::string& header = earlier.empty() ? spec.config_text : earlier;
  resume.journal = std::make_unique<RecordLog>(journal_path(spec), header);
  try {
    demand_one_way(spec);  // of two that began at the same moment one at least sees the other's journal
  } catch (const UserError&) {
    if (resume.journal->records().empty()) resume.journal->remove();
    throw;
  }
}

/// The records of the journal, if it has any; the first of a new one.
void settle_records(ResumedCampaign& resume, const CampaignSpec& spec) {
  if (!resume.journal->records().empty()) return take_over(resume, spec);
  // Of an earlier job there is a header at most, maybe with another config.
  if (resume.journal->header_text() != spec.config_text) {
    resume.journal->remove();
    resume.journal = std::make_unique<RecordLog>(journal_path(spec), spec.config_text);
  }
  resume.created = utc_now();
  resume.journal->append(record::encode(record::Inputs{resume.created, input_lines(spec, resume.datasets)}));
}

/// Whether the whole of a shard is finished already.
bool whole_is_finished(const CampaignSpec& spec, ResumedCampaign& resume) {
  auto whole = earlier_results(whole_output(spec));
  if (!whole) return false;
  demand_same_results(whole_output(spec), *whole, spec, input_lines(spec, resume.datasets));
  if (!complete_and_valid(*whole)) return false;
  resume.finished = std::move(whole);
  return true;
}

}  // namespace

std::optional<Results> earlier_results(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  const std::lock_guard<std::mutex> turn(storage_mutex());
  return read_results(path);
}

bool complete_and_valid(const Results& results) {
  return text_of(results, "status") == "complete" && results.valid;
}

void demand_same_results(const std::string& path, const Results& earlier, const CampaignSpec& spec,
                         const std::string& inputs) {
  if (complete_and_valid(earlier)) {
    demand_same_config(path, text_of(earlier, "config_text"), spec.config_text);
    demand_same_inputs(path, input_lines(earlier), inputs);
  } else {
    demand_same_campaign(path, ConfigParts(text_of(earlier, "config_text"), input_lines(earlier)),
                         ConfigParts(spec.config_text, inputs));
  }
}

ResumedCampaign open_campaign(const CampaignSpec& spec, bool restart) {
  check_spec(spec);
  check_outputs(spec);
  auto earlier = earlier_results(spec.output);
  // A whole run that restarts throws the shards away; a shard throws away nothing but its own.
  if (!restart || !spec.shard.whole()) demand_one_way(spec);
  if (!restart) {
    const std::string header = record_log_header(journal_path(spec));
    const ConfigParts now(spec.config_text, "");
    if (!header.empty()) demand_same_campaign(journal_path(spec), ConfigParts(header, ""), now);
    if (earlier && complete_and_valid(*earlier))
      demand_same_config(spec.output, text_of(*earlier, "config_text"), spec.config_text);
  }
  ResumedCampaign resume;
  resume.datasets = look_at_data(spec);
  if (!spec.shard.whole() && restart && std::filesystem::exists(spec.whole_output)) {
    throw UserError(spec.whole_output,
                    "stands there already, and --restart of a share throws away its own part only",
                    "remove that file, or choose another output");
  }
  if (!spec.shard.whole() && whole_is_finished(spec, resume)) return resume;
  if (restart) {
    throw_away(spec);
    earlier.reset();
  }
  if (earlier) demand_same_results(spec.output, *earlier, spec, input_lines(spec, resume.datasets));
  make_folders(spec);
  open_journal(resume, spec);
  if (earlier && complete_and_valid(*earlier)) {
    resume.finished = std::move(earlier);
    return resume;
  }
  resume.sessions = sessions_in(resume.journal->records(), journal_path(spec));
  if (earlier && resume.journal->records().empty()) {
    resume.notes.push_back(spec.output + ": status " + text_of(*earlier, "status") +
                           (earlier->valid ? "" : ", not valid") +
                           " and no journal to resume from: starting anew");
  }
  if (resume.journal->bytes_cut() > 0) {
    resume.notes.push_back("the journal's last record was cut short: its task is done once more");
  }
  settle_records(resume, spec);
  return resume;
}

}  // namespace deepfog
