#pragma once

#include <string>
#include <vector>

#include "results/session_results.hpp"
#include "scheduler/hosts.hpp"
#include "storage/record_log.hpp"

namespace deepfog {

/// Where and with what a job works on a file, for the record.
struct SessionInfo {
  std::string created;  ///< the campaign's, of its first session
  std::string command_line, hosts, mpi_library, torch_version, blas_library;
  int ranks = 1;
  int cores = 0;        ///< of all hosts, that the ranks may use
  std::string began{};  ///< of this session; empty: as created
  std::string shard{};  ///< "2 of 4", empty for the whole
};

/// This process's session; it ends with `ended`.
SessionResults session_record(const SessionInfo& info, int threads_per_rank, const std::string& ended = "");

/// The sessions that a journal tells of, in their order. Throws Failure naming `where`.
std::vector<SessionResults> sessions_in(const std::vector<LogRecord>& records, const std::string& where);

std::string utc_now();  ///< "2026-11-21T17:05:00Z". Throws Failure.

}  // namespace deepfog
