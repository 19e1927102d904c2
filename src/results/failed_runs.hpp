#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "results/results_file.hpp"

/// Runs of a campaign that could not be done, as a results file names them: attribute `failed_runs` of a
/// model, one "run K: reason" a line.
namespace deepfog {

/// Status of a file whose other runs are all done.
constexpr const char* failed_runs_status = "failed-runs";

/// Where a campaign's file stands, for scripts: "running", "interrupted", "shard", "failed-runs" (also of a
/// shard some of whose runs have failed), "complete"; "unknown" where it does not say.
std::string status_of(const Results& results);

/// "1" verified, "0" something is wrong or has failed, "unknown" while the file is unfinished.
std::string validity_word(const Results& results);

/// Whether the campaign of such a file goes on with the same command.
bool unfinished(const std::string& status);

void note_failed_run(ModelResults& model, std::int64_t run, const std::string& reason);
std::vector<std::int64_t> failed_runs(const ModelResults& model);

/// "experiment E, model M, run K: reason" of every failed run, in the order of the file.
std::vector<std::string> failed_run_lines(const Results& results);

/// What invalid_reasons says of them: one reason.
std::string failed_runs_reason(const Results& results);

/// Names them on standard error, and says what can be done: `way_out`, beside a change of the model. The exit
/// code of such a campaign: failed, or invalid where something is wrong with the others, too.
ExitCode tell_failed_runs(const Results& results, const std::string& way_out);

}  // namespace deepfog
