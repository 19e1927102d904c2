#pragma once

#include <string>

namespace deepfog {

/// The batch job that a process runs in, for the record.
struct JobRecord {
  std::string job;          ///< "slurm 4711", "slurm 4712 (array 4711 task 3, restart 1)"; empty outside
  std::string nodes;        ///< as the batch system writes them, "n[1-4]"
  std::string modules;      ///< loaded environment modules, colon separated
  std::string environment;  ///< what may have mattered, "NAME=value" a line, by name; without secrets
};

/// @param environment  NAME=value entries, null at the end (environ)
/// Only the few names that say where and how a process runs are kept, their values by without_secrets().
JobRecord job_record(const char* const* environment);
JobRecord job_record();  ///< of this process

}  // namespace deepfog
