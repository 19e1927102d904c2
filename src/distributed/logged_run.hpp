#pragma once

#include <string>
#include <vector>

#include "distributed/run_results.hpp"

namespace deepfog {

/// What a round log stores about its run, so that the results can be made from the log, the weights and the
/// data.
struct LoggedRun {
  DistributedSpec spec;
  RunFacts facts;
  std::string folder;  ///< the folder in which the run was started; relative paths refer to it
  std::string weights_sha256, data_sha256;
};

/// The record of a run that begins now in this process's working directory.
LoggedRun logged_run(const Job& job, const RunFacts& facts);

std::vector<char> encode(const LoggedRun& record);

/// Throws Failure, which names `where`, if the bytes are no such record.
LoggedRun decode_logged_run(const std::vector<char>& bytes, const std::string& where);

}  // namespace deepfog
