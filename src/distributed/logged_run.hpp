#pragma once

#include <string>
#include <vector>

#include "distributed/run_results.hpp"

namespace deepfog {

/// What a round log says of its run, so that the log alone, with the weights and the data, makes the results.
struct LoggedRun {
  DistributedSpec spec;
  RunFacts facts;
  std::string folder;  ///< in which the run was started: relative paths begin there
  std::string weights_sha256, data_sha256;
};

/// The record of a run that begins now, in this process's folder.
LoggedRun logged_run(const Job& job, const RunFacts& facts);

std::vector<char> encode(const LoggedRun& record);

/// Throws Failure naming `where` when these are not a record's bytes.
LoggedRun decode_logged_run(const std::vector<char>& bytes, const std::string& where);

}  // namespace deepfog
