#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <thread>

#include "campaign/status.hpp"
#include "cli/ini_file.hpp"
#include "cli/options.hpp"
#include "cli/setting_reader.hpp"
#include "cli/text_table.hpp"
#include "core/progress.hpp"
#include "results/failed_runs.hpp"
#include "results/results_file.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

struct ModelRow {
  std::string experiment, model;
  RunKey key;                               ///< run 0
  std::int64_t runs = 0, test_samples = 0;  ///< 0: not known yet
  std::string weights_of;                   ///< the model that is trained in its place; empty: itself
};

std::string value_of(const IniSection& section, const std::string& key, const std::string& fallback) {
  const IniEntry* entry = section.find(key);
  return entry == nullptr ? fallback : entry->value;
}

/// All models of the campaign, in the order of their indices.
std::vector<ModelRow> rows_of(const std::string& config_text, const std::string& where) {
  const IniFile file = parse_ini(config_text, where);
  const IniSection* campaign = file.find("campaign");
  std::vector<ModelRow> rows;
  std::int32_t experiment = 0;
  for (const IniSection& section : file.sections) {
    if (section.name.rfind("experiment.", 0) != 0) continue;
    const std::string name = section.name.substr(11);
    std::int32_t model = 0;
    for (const std::string& word : words(value_of(section, "models", ""))) {
      ModelRow row;
      row.experiment = name;
      row.model = word;
      row.key = {experiment, model++, 0};
      const IniSection* own = file.find("model." + name + "." + word);
      if (own != nullptr) row.weights_of = value_of(*own, "weights_of", "");
      row.runs = campaign == nullptr ? 0 : std::stoll(value_of(*campaign, "runs", "0"));
      rows.push_back(row);
    }
    ++experiment;
  }
  return rows;
}

void add_sizes(std::vector<ModelRow>& rows, const Results& results) {
  for (ModelRow& row : rows) {
    for (const ExperimentResults& experiment : results.experiments) {
      if (experiment.name == row.experiment) row.test_samples = experiment.test_samples;
    }
  }
}

/// Sums over all models.
struct Totals {
  double part = 0;  ///< progress in runs; a run that is only trained counts as half
  std::int64_t runs = 0, done = 0, failed = 0;
};

/// The failed run of a model, or of the model whose weights it uses; null if it has not failed.
const RunProgress* failed_run(const std::vector<ModelRow>& rows, const ModelRow& row,
                              const JournalProgress& progress, std::int64_t run) {
  for (const ModelRow& other : rows) {
    const bool counts =
        other.experiment == row.experiment && (other.model == row.model || other.model == row.weights_of);
    if (!counts) continue;
    const auto at = progress.runs.find({other.key.experiment, other.key.model, run});
    if (at != progress.runs.end() && !at->second.failure.empty()) return &at->second;
  }
  return nullptr;
}

/// One row per model: trained runs, finished runs, and the mean duration of a training. Adds to `totals`.
std::string progress_table(const std::vector<ModelRow>& rows, const JournalProgress& progress,
                           Totals& totals) {
  std::vector<std::vector<std::string>> table{{"experiment", "model", "trained", "done", "training takes"}};
  for (const ModelRow& row : rows) {
    std::int64_t trained = 0, finished = 0;
    double seconds = 0, part = 0;
    for (std::int64_t run = 0; run < row.runs; ++run) {
      totals.failed += failed_run(rows, row, progress, run) != nullptr ? 1 : 0;
      const auto at = progress.runs.find({row.key.experiment, row.key.model, run});
      if (at == progress.runs.end() || !(at->second.trained || !row.weights_of.empty())) continue;
      trained += at->second.trained ? 1 : 0;
      seconds += at->second.train_seconds;
      const bool whole =
          at->second.bounded || (row.test_samples > 0 && at->second.samples_swept >= row.test_samples);
      finished += whole ? 1 : 0;
      part += whole ? 1 : 0.5;
    }
    totals.part += part;
    totals.runs += row.runs;
    totals.done += finished;
    table.push_back({row.experiment, row.model,
                     row.weights_of.empty() ? std::to_string(trained) + " of " + std::to_string(row.runs)
                                            : "as " + row.weights_of,
                     std::to_string(finished) + " of " + std::to_string(row.runs),
                     trained == 0 ? "-" : format_duration(seconds / static_cast<double>(trained))});
  }
  return aligned(table);
}

std::string failure_lines(const std::vector<ModelRow>& rows, const JournalProgress& progress) {
  std::string text;
  for (const ModelRow& row : rows) {
    for (std::int64_t run = 0; run < row.runs; ++run) {
      const RunProgress* failed = failed_run(rows, row, progress, run);
      if (failed == nullptr) continue;
      text += "  FAILED: experiment " + row.experiment + ", model " + row.model + ", run " +
              std::to_string(run) + ": " + failed->failure + "\n";
    }
  }
  return text;
}

/// The line for scripts; `deepfog verify --help` explains the words.
std::string state_line(const std::string& path, const std::string& status, const std::string& valid,
                       const Totals& totals) {
  return "RESULT campaign_file=" + path + " valid=" + valid + " status=" + status +
         " runs=" + std::to_string(totals.runs) + " done=" + std::to_string(totals.done) +
         " failed_runs=" + std::to_string(totals.failed) + "\n";
}

Totals totals_of(const Results& results) {
  Totals totals;
  for (const ExperimentResults& experiment : results.experiments) {
    for (const ModelResults& model : experiment.models) {
      totals.runs += experiment.runs;
      for (const std::uint8_t done : model.done) totals.done += done;
      totals.failed += static_cast<std::int64_t>(failed_runs(model).size());
    }
  }
  return totals;
}

/// Status of a campaign with its journals. A killed run cannot be told from a live one: both are "running".
std::string state_of(const Results* whole, const std::vector<std::string>& shards,
                     const JournalProgress& progress, const Totals& totals) {
  if (whole != nullptr) return status_of(*whole);
  const bool over = totals.done + totals.failed >= totals.runs;
  if (!shards.empty() && over) return totals.failed > 0 ? failed_runs_status : "share";
  const bool at_work = std::any_of(progress.sessions.begin(), progress.sessions.end(),
                                   [](const auto& session) { return session.text.at("ended").empty(); });
  return at_work ? "running" : "interrupted";
}

std::string session_lines(const std::vector<SessionResults>& sessions) {
  std::string text;
  for (const SessionResults& session : sessions) {
    const auto word = [&](const char* name) { return session.text.at(name); };
    text += "  " + word("began") + " to " + (word("ended").empty() ? "now, or killed" : word("ended")) +
            ": " + std::to_string(session.integers.at("ranks")) + " ranks on " + word("hosts") +
            (word("job").empty() ? "" : ", " + word("job")) +
            (word("share").empty() ? "" : ", share " + word("share")) + "\n";
  }
  return text;
}

/// Looks once at the campaign. Returns true if nothing more is to come.
bool look(const std::string& path, std::string& text) {
  const JournalProgress progress = journal_progress(path);
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (!there && progress.journals.empty())
    throw UserError(path, "no results file and no journal of one", "the output of deepfog run");
  Results results;
  if (there) results = read_results(path);
  const std::string status = there ? status_of(results) : "";
  if (progress.config_text.empty()) {
    text = path + ": " + (status.empty() ? "beginning" : status) + (there && results.valid ? ", VALID" : "") +
           "\n" + session_lines(results.sessions);
    for (const std::string& line : failed_run_lines(results)) text += "  FAILED: " + line + "\n";
    text += state_line(path, status.empty() ? "running" : status, there ? validity_word(results) : "unknown",
                       totals_of(results));
    return there && status == "complete";
  }
  std::vector<ModelRow> rows = rows_of(progress.config_text, progress.journals.front());
  if (there) add_sizes(rows, results);
  std::vector<std::string> shards;
  for (const std::string& journal : progress.journals) {
    const std::string part = journal.substr(0, journal.size() - 8);  // without .journal
    if (part == path) continue;
    shards.push_back(part);
    if (std::filesystem::exists(part, error)) add_sizes(rows, read_results(part));
  }
  Totals totals;
  const std::string table = progress_table(rows, progress, totals);
  char percent[16];
  std::snprintf(percent, sizeof percent, "%.0f",
                totals.runs > 0 ? 100 * totals.part / static_cast<double>(totals.runs) : 0);
  text = path + ": " + percent + " % of the runs, last task " + format_duration(progress.since_last_s) +
         " ago" +
         (progress.journals.size() > 1 ? ", " + std::to_string(progress.journals.size()) + " shares" : "") +
         "\n" + table + failure_lines(rows, progress) + session_lines(progress.sessions) +
         state_line(path, state_of(there ? &results : nullptr, shards, progress, totals),
                    there ? validity_word(results) : "unknown", totals);
  return false;
}

}  // namespace

ExitCode status_verb(const Invocation& invocation) {
  po::options_description options("options");
  options.add_options()("help,h", "this text")("file", po::value<std::string>(),
                                               "results file (also without --file)")(
      "watch", po::value<double>(), "look again after so many seconds, until the campaign is complete");
  const auto values =
      parse_options(invocation, options, "file",
                    "usage: deepfog status FILE [options]\n\n"
                    "How far a campaign is, its shares too, while its jobs write: runs\n"
                    "trained, done and failed, sessions. Disturbs nobody. "
                    "The last line is\nfor scripts: RESULT campaign_file=FILE valid=1|0|unknown "
                    "status=running|interrupted|share|failed-runs|complete\n"
                    "runs= done= failed_runs= (what was killed still says running).\n",
                    "  deepfog status results/paper-health.h5 --watch 5\n");
  if (!values) return ExitCode::good;
  if (values->count("file") == 0) throw UserError("deepfog status", "no file given", "deepfog status FILE");
  const bool watches = values->count("watch") != 0;
  const double pause_s = watches ? (*values)["watch"].as<double>() : 0;
  if (watches && !(pause_s >= 0.1 && pause_s <= 86400))
    throw UserError("--watch", "not a time to wait", "0.1 to 86400 seconds");
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  while (true) {
    std::string text;
    const bool complete = look((*values)["file"].as<std::string>(), text);
    if (watches && terminal) std::cout << "\033[H\033[2J";
    std::cout << text << std::flush;
    if (!watches || complete) return ExitCode::good;
    std::this_thread::sleep_for(std::chrono::duration<double>(pause_s));
  }
}

}  // namespace deepfog
