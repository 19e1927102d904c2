#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "campaign/task.hpp"
#include "results/session_results.hpp"

namespace deepfog {

/// What the journals say of one run of one model.
struct RunProgress {
  bool trained = false;
  double train_seconds = 0;
  std::int64_t samples_swept = 0;  ///< test samples; bounds count as none
  bool bounded = false;
  std::string failure;  ///< why it has failed; empty: it has not
};

/// What the journals beside a results file say, while their writers write. Takes no lock and leaves no trace.
struct JournalProgress {
  std::vector<std::string> journals;  ///< paths: of the whole, or one a shard
  std::string config_text;            ///< empty: there is no journal
  std::map<RunKey, RunProgress> runs;
  std::string inputs;                    ///< as of input_lines()
  std::vector<SessionResults> sessions;  ///< of all journals
  double since_last_s = 0;               ///< since a journal was written to
};

/// @param output  path of the results file. Where shards have different configs that of the journal
/// written last counts. Throws UserError when a journal is none, or two belong to different campaigns;
/// Failure when one cannot be read. A last record that is being written is left out.
JournalProgress journal_progress(const std::string& output);

}  // namespace deepfog
