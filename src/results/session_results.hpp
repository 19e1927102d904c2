#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace deepfog {

/// One job that worked on a file: campaigns that were resumed or done in shares have several.
struct SessionResults {
  /// began and ended (UTC; `ended` is empty where a kill ended it), command_line, hosts, job, nodes, modules,
  /// share.
  std::map<std::string, std::string> text;
  std::map<std::string, std::int64_t> integers;  ///< ranks, threads_per_rank, cores
  std::string environment;                       ///< "NAME=value" a line, secrets masked
};

}  // namespace deepfog
