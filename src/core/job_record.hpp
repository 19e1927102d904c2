#pragma once

#include <string>

namespace deepfog {

/// The batch job in which a process runs, to be recorded.
struct JobRecord {
  std::string job;          ///< "slurm 4711", "slurm 4712 (array 4711 task 3, restart 1)"; empty outside a
                            ///< job
  std::string nodes;        ///< as written by the batch system: "n[1-4]"
  std::string modules;      ///< loaded environment modules, separated by colons
  std::string environment;  ///< variables that may have mattered, one "NAME=value" per line, sorted, without
                            ///< secrets
};

/// @param environment  NAME=value entries with a null at the end (environ)
/// Keeps only the few variables that determine where and how a process runs; values pass through
/// without_secrets().
JobRecord job_record(const char* const* environment);
JobRecord job_record();  ///< of this process

}  // namespace deepfog
