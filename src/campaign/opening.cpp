#include "campaign/opening.hpp"

#include <filesystem>

#include "campaign/assembler.hpp"
#include "campaign/dataset_cache.hpp"
#include "campaign/difference.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "core/error.hpp"
#include "storage/dataset_file.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

constexpr const char* ways_out = "--restart throws the earlier one away, or choose another output";

[[noreturn]] void refuse(const std::string& where, const std::vector<std::string>& lines) {
  std::string text = "belongs to a different campaign; key: there -> now";
  for (const std::string& line : lines) text += "\n  " + line;
  throw UserError(where, text + "\n ", ways_out);
}

void demand_same_config(const std::string& where, const std::string& before, const std::string& now) {
  if (before == now) return;
  auto lines = config_difference(before, now);
  if (lines.empty()) lines.push_back("the same keys and values, written differently");
  refuse(where, lines);
}

std::vector<DatasetSummary> look_at_data(const CampaignSpec& spec) {
  std::vector<DatasetSummary> summaries;
  for (const ExperimentSpec& experiment : spec.experiments) {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    const Dataset dataset = load_dataset(experiment.dataset_path, experiment.split, 0);
    for (const ModelSpec& model : experiment.models)
      match_sources(model.topology, dataset, model.topology_path);
    if (dataset.train.size() == 0 || dataset.validation.size() == 0 || dataset.test.size() == 0) {
      throw UserError(experiment.dataset_path,
                      "split " + dataset.split + " leaves training, validation or test empty");
    }
    summaries.push_back(summarise(dataset, experiment.guess));
  }
  return summaries;
}

/// What decides the numbers beside the config: one "key = value" a line.
std::string input_lines(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets) {
  std::string lines;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    const ExperimentSpec& experiment = spec.experiments[e];
    lines += experiment.name + " data sha256 = " + datasets[e].content_sha256 + "\n";
    for (const ModelSpec& model : experiment.models) {
      lines +=
          experiment.name + "." + model.name + " topology sha256 = " + sha256(model.topology.text()) + "\n";
    }
  }
  return lines;
}

/// The same of a results file.
std::string input_lines(const Results& results) {
  std::string lines;
  for (const ExperimentResults& experiment : results.experiments) {
    lines += experiment.name + " data sha256 = " + experiment.data_sha256 + "\n";
    for (const ModelResults& model : experiment.models) {
      lines +=
          experiment.name + "." + model.name + " topology sha256 = " + sha256(model.topology_text) + "\n";
    }
  }
  return lines;
}

void demand_same_inputs(const std::string& where, const std::string& before, const std::string& now) {
  const auto lines = config_difference(before, now);
  if (!lines.empty()) refuse(where, lines);
}

std::optional<Results> earlier_results(const CampaignSpec& spec) {
  std::error_code error;
  if (!std::filesystem::exists(spec.output, error)) return std::nullopt;
  const std::lock_guard<std::mutex> turn(storage_mutex());
  return read_results(spec.output);
}

/// Takes the lock first: nothing of a job that is at work may be removed.
void throw_away(const CampaignSpec& spec) {
  std::error_code error;
  if (std::filesystem::exists(journal_path(spec), error)) {
    Journal earlier(journal_path(spec), journal_header(journal_path(spec)));
    earlier.remove();
  }
  remove_weights(spec);
  if (!std::filesystem::remove(spec.output, error) && error)
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

bool complete_and_valid(const Results& results) {
  return text_of(results, "status") == "complete" && results.valid;
}

}  // namespace

Opening open_campaign(const CampaignSpec& spec, bool restart) {
  check_spec(spec);
  auto earlier = earlier_results(spec);
  if (!restart) {
    const std::string header = journal_header(journal_path(spec));
    if (!header.empty()) demand_same_config(journal_path(spec), header, spec.config_text);
    if (earlier) demand_same_config(spec.output, text_of(*earlier, "config_text"), spec.config_text);
  }
  Opening opening;
  opening.datasets = look_at_data(spec);
  if (restart) {
    throw_away(spec);
    earlier.reset();
  }
  if (earlier) demand_same_inputs(spec.output, input_lines(*earlier), input_lines(spec, opening.datasets));
  make_folders(spec);
  opening.journal = std::make_unique<Journal>(journal_path(spec), spec.config_text);
  if (earlier && complete_and_valid(*earlier)) {
    opening.finished = std::move(earlier);
    return opening;
  }
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
