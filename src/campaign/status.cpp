#include "campaign/status.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <limits>
#include <set>

#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "campaign/session.hpp"
#include "campaign/share.hpp"
#include "core/error.hpp"
#include "storage/journal.hpp"

namespace deepfog {
namespace {

double seconds_since_written(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::numeric_limits<double>::infinity();
  return std::max(0.0, std::difftime(std::time(nullptr), status.st_mtime));
}

/// A unit that was redone stands there twice: the last word counts, and a sweep only with the weights of its
/// training.
void add(JournalProgress& progress, const std::vector<JournalRecord>& records, const std::string& where) {
  std::map<RunKey, std::string> weights;
  std::map<RunKey, std::map<std::int64_t, record::Sweep>> sweeps;
  for (const JournalRecord& entry : records) {
    if (entry.type == record::training_type) {
      const record::Training training = record::decode_training(entry, where);
      weights[training.key] = training.weights_sha256;
      RunProgress& run = progress.runs[training.key];
      run.trained = true;
      run.train_seconds = training.seconds;
    } else if (entry.type == record::sweep_type) {
      record::Sweep sweep = record::decode_sweep(entry, where);
      sweep.counts = {};
      sweeps[sweep.key].insert_or_assign(sweep.begin, std::move(sweep));
    } else if (entry.type == record::bounds_type) {
      progress.runs[record::decode_bounds(entry, where).key].bounded = true;
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
  for (const ShareJournal& share : share_journals(spec)) progress.journals.push_back(share.path);
  progress.since_last_s = std::numeric_limits<double>::infinity();
  for (const std::string& path : progress.journals) {
    const JournalContent content = read_journal(path);
    if (content.header_text.empty()) continue;  // it has hardly begun, or has just ended
    if (!progress.config_text.empty() && content.header_text != progress.config_text)
      throw UserError(path, "belongs to another campaign than " + progress.journals.front(),
                      "one campaign a results file");
    progress.config_text = content.header_text;
    add(progress, content.records, path);
    for (SessionResults& session : sessions_in(content.records, path))
      progress.sessions.push_back(std::move(session));
    progress.since_last_s = std::min(progress.since_last_s, seconds_since_written(path));
  }
  return progress;
}

}  // namespace deepfog
