#pragma once

#include <string>

#include "campaign/large_diagram.hpp"
#include "campaign/task.hpp"
#include "evaluation/sweep.hpp"
#include "results/session_results.hpp"
#include "scheduler/task_graph.hpp"
#include "storage/record_log.hpp"

/// The records of a campaign's journal: what a finished task leaves behind.
namespace deepfog::record {

/// First record: what the campaign was started with beside its config. Text, one "what value" a line.
struct Inputs {
  std::string created;  ///< ISO 8601, of the first session
  std::string lines;    ///< checksums of data and topologies
};

/// The weights stand in a file of their own.
struct Training {
  RunKey key;
  std::string weights_sha256;
  double validation_accuracy = 0;
  std::int64_t best_epoch = 0, null_batches = 0;
  double seconds = 0;
};

struct Sweep {
  RunKey key;
  std::int64_t begin = 0, end = 0;
  std::string weights_sha256;  ///< a sweep counts only for the weights it was made with
  SweepCounts counts;
  double seconds = 0;
};

/// Of a model whose failure diagram is too large.
struct Bounds {
  RunKey key;
  std::string weights_sha256;
  LargeDiagramResult result;
  double seconds = 0;
};

/// A task that could not be done. A later record of the same task counts in its place, and the other way
/// round.
struct FailedTask {
  RunKey key;
  TaskKind kind = TaskKind::training;
  std::int64_t begin = 0, end = 0;  ///< test samples of a sweep
  TaskFailure failure = TaskFailure::passing;
  std::string reason;
};

/// The records from here on belong to a campaign with this config, which has the earlier one's place: some
/// models have changed, come or gone, or there are more runs. See lineage.hpp.
struct Change {
  std::string config;  ///< CampaignSpec::config_text
  std::string inputs;  ///< as Inputs::lines
};

/// A job that begins its work, and the end of the last one that did: nothing stands between them where it was
/// killed.
struct SessionEnd {
  std::string ended;  ///< UTC
};

constexpr const char* inputs_type = "inputs";
constexpr const char* training_type = "training";
constexpr const char* sweep_type = "sweep";
constexpr const char* bounds_type = "bounds";
constexpr const char* failed_type = "failed";
constexpr const char* change_type = "change";
constexpr const char* session_type = "session";
constexpr const char* session_end_type = "session end";

LogRecord encode(const Inputs& record);
LogRecord encode(const Training& record);
LogRecord encode(const Sweep& record);
LogRecord encode(const Bounds& record);
LogRecord encode(const FailedTask& record);
LogRecord encode(const Change& record);
LogRecord encode(const SessionResults& record);
LogRecord encode(const SessionEnd& record);

/// Throw Failure naming `where` on anything encode() has not made.
Inputs decode_inputs(const LogRecord& record, const std::string& where);
Training decode_training(const LogRecord& record, const std::string& where);
Sweep decode_sweep(const LogRecord& record, const std::string& where);
Bounds decode_bounds(const LogRecord& record, const std::string& where);
FailedTask decode_failed(const LogRecord& record, const std::string& where);
Change decode_change(const LogRecord& record, const std::string& where);
SessionResults decode_session(const LogRecord& record, const std::string& where);
SessionEnd decode_session_end(const LogRecord& record, const std::string& where);

/// Whether the record is one of a task; then its run, and the same record of another run.
bool is_task(const LogRecord& record);
RunKey key_of(const LogRecord& record, const std::string& where);
LogRecord with_key(const LogRecord& record, const RunKey& key);

}  // namespace deepfog::record
