#include "campaign/opening.hpp"

#include <filesystem>

#include "campaign/dataset_cache.hpp"
#include "campaign/inputs.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/session.hpp"
#include "campaign/share.hpp"
#include "core/error.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace {

/// A campaign is done as a whole or in shares: both would write the same weights.
void demand_one_way(const CampaignSpec& spec) {
  std::error_code error;
  const std::string journal = whole_output(spec) + ".journal";
  if (!spec.share.whole() && std::filesystem::exists(journal, error)) {
    throw UserError(journal, "this campaign was begun as a whole",
                    "the same command without --share, or another output");
  }
  if (spec.share.whole() && !share_journals(spec).empty()) {
    throw UserError(shares_folder(spec), "this campaign is being done in shares",
                    "deepfog merge, or --restart throws them away");
  }
}

/// Takes the lock first: nothing of a job that is at work may be removed.
void throw_away(const CampaignSpec& spec) {
  std::error_code error;
  if (std::filesystem::exists(journal_path(spec), error)) {
    Journal earlier(journal_path(spec), journal_header(journal_path(spec)));
    earlier.remove();
  }
  // A share's weights are written over when their runs are trained once more.
  if (spec.share.whole()) {
    remove_shares(spec);
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

/// The first record says what the campaign was started with.
void settle_inputs(Opening& opening, const CampaignSpec& spec) {
  const std::string now = input_lines(spec, opening.datasets);
  const auto& records = opening.journal->records();
  if (records.empty()) {
    opening.created = utc_now();
    opening.journal->append(record::encode(record::Inputs{opening.created, now}));
    return;
  }
  if (records.front().type != record::inputs_type)
    throw UserError(journal_path(spec), "has no inputs record", ways_out);
  const record::Inputs inputs = record::decode_inputs(records.front(), journal_path(spec));
  demand_same_inputs(journal_path(spec), inputs.lines, now);
  opening.created = inputs.created;
}

/// Whether the whole of a share is finished already.
bool whole_is_finished(const CampaignSpec& spec, Opening& opening) {
  auto whole = earlier_results(whole_output(spec));
  if (!whole) return false;
  demand_same_config(whole_output(spec), text_of(*whole, "config_text"), spec.config_text);
  demand_same_inputs(whole_output(spec), input_lines(*whole), input_lines(spec, opening.datasets));
  if (!complete_and_valid(*whole)) return false;
  opening.finished = std::move(whole);
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

Opening open_campaign(const CampaignSpec& spec, bool restart) {
  check_spec(spec);
  check_outputs(spec);
  auto earlier = earlier_results(spec.output);
  // A whole run that restarts throws the shares away; a share throws away nothing but its own.
  if (!restart || !spec.share.whole()) demand_one_way(spec);
  if (!restart) {
    const std::string header = journal_header(journal_path(spec));
    if (!header.empty()) demand_same_config(journal_path(spec), header, spec.config_text);
    if (earlier) demand_same_config(spec.output, text_of(*earlier, "config_text"), spec.config_text);
  }
  Opening opening;
  opening.datasets = look_at_data(spec);
  if (!spec.share.whole() && restart && std::filesystem::exists(spec.whole_output)) {
    throw UserError(spec.whole_output,
                    "stands there already, and --restart of a share throws away its own part only",
                    "remove that file, or choose another output");
  }
  if (!spec.share.whole() && whole_is_finished(spec, opening)) return opening;
  if (restart) {
    throw_away(spec);
    earlier.reset();
  }
  if (earlier) demand_same_inputs(spec.output, input_lines(*earlier), input_lines(spec, opening.datasets));
  make_folders(spec);
  opening.journal = std::make_unique<Journal>(journal_path(spec), spec.config_text);
  try {
    demand_one_way(spec);  // of two that began at the same moment one at least sees the other's journal
  } catch (const UserError&) {
    if (opening.journal->records().empty()) opening.journal->remove();
    throw;
  }
  if (earlier && complete_and_valid(*earlier)) {
    opening.finished = std::move(earlier);
    return opening;
  }
  opening.sessions = sessions_in(opening.journal->records(), journal_path(spec));
  if (earlier && opening.journal->records().empty()) {
    opening.notes.push_back(spec.output + ": status " + text_of(*earlier, "status") +
                            (earlier->valid ? "" : ", not valid") +
                            " and no journal to resume from: starting anew");
  }
  if (opening.journal->bytes_cut() > 0) {
    opening.notes.push_back("the journal's last record was cut short: its unit is done once more");
  }
  settle_inputs(opening, spec);
  return opening;
}

}  // namespace deepfog
