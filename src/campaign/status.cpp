#include "campaign/status.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <limits>
#include <set>

#include "campaign/lineage.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/session.hpp"
#include "campaign/shard.hpp"
#include "core/error.hpp"
#include "storage/record_log.hpp"

namespace deepfog {
namespace {

double seconds_since_written(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::numeric_limits<double>::infinity();
  return std::max(0.0, std::difftime(std::time(nullptr), status.st_mtime));
}

/// A task that was redone stands there twice: the last word counts, and a sweep only with the weights of its
/// training.
void add(JournalProgress& progress, const std::vector<LogRecord>& records, const std::string& where) {
  std::map<RunKey, std::string> weights;
  std::map<RunKey, std::map<std::int64_t, record::Sweep>> sweeps;
  for (const LogRecord& entry : records) {
    if (entry.type == record::training_type) {
      const record::Training training = record::decode_training(entry, where);
      weights[training.key] = training.weights_sha256;
      RunProgress& run = progress.runs[training.key];
      run.trained = true;
      run.failure.clear();
      run.train_seconds = training.seconds;
    } else if (entry.type == record::sweep_type) {
      record::Sweep sweep = record::decode_sweep(entry, where);
      sweep.counts = {};
      sweeps[sweep.key].insert_or_assign(sweep.begin, std::move(sweep));
    } else if (entry.type == record::bounds_type) {
      progress.runs[record::decode_bounds(entry, where).key].bounded = true;
    } else if (entry.type == record::failed_type) {
      const record::FailedTask failed = record::decode_failed(entry, where);
      progress.runs[failed.key].failure = failed.reason;
    }
  }
  std::set<std::string> current;  // a sweep may have been made with the weights of another model
  for (const auto& [key, sha256] : weights) current.insert(sha256);
  for (const auto& [key, blocks] : sweeps) {
    std::int64_t samples = 0;
    for (const auto& [begin, sweep] : blocks) {
      if (current.count(sweep.weights_sha256) != 0) samples += sweep.end - sweep.begin;
    }
    progress.runs[key].samples_swept = std::max(progress.runs[key].samples_swept, samples);
  }
}

}  // namespace

JournalProgress journal_progress(const std::string& output) {
  CampaignSpec spec;
  spec.output = output;
  JournalProgress progress;
  std::error_code error;
  if (std::filesystem::exists(journal_path(spec), error)) progress.journals.push_back(journal_path(spec));
  for (const ShardJournal& shard : shard_journals(spec)) progress.journals.push_back(shard.path);
  progress.since_last_s = std::numeric_limits<double>::infinity();
  struct Source {
    std::string path;
    RecordLogContent content;
    ConfigInForce config;
  };
  std::vector<Source> sources;
  std::size_t last = 0;
  for (const std::string& path : progress.journals) {
    RecordLogContent content = read_record_log(path);
    if (content.header_text.empty()) continue;  // it has hardly begun, or has just ended
    ConfigInForce config = config_in_force(content.header_text, content.records, path);
    const double since_s = seconds_since_written(path);
    if (since_s < progress.since_last_s) {
      progress.since_last_s = since_s;
      last = sources.size();
    }
    sources.push_back({path, std::move(content), std::move(config)});
  }
  if (sources.empty()) return progress;
  progress.config_text = sources[last].config.config;
  progress.inputs = sources[last].config.inputs;
  const ConfigParts now = sources[last].config.parts();
  for (const Source& source : sources) {
    if (!now.conflicts(source.config.parts()).empty() && !source.config.parts().conflicts(now).empty())
      throw UserError(source.path, "belongs to another campaign than " + sources[last].path,
                      "one campaign a results file");
    const auto& records = source.content.records;
    add(progress, records_in_force(source.content.header_text, records, now, source.path), source.path);
    for (SessionResults& session : sessions_in(records, source.path))
      progress.sessions.push_back(std::move(session));
  }
  return progress;
}

}  // namespace deepfog
