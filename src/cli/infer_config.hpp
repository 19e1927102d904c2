#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/setting_reader.hpp"
#include "distributed/spec.hpp"

namespace deepfog {

/// A distributed run as read from a config file's section [inference], --set and options.
struct InferConfig {
  DistributedSpec spec;
  std::vector<EffectiveSetting> effective;
};

/// Keys of [inference]; the options of `deepfog infer` are called the same, with - for _.
const std::vector<std::string>& inference_keys();

/// @param path         config file; empty: none
/// @param assignments  of --set
/// @param options      key and value of options given, which win; `fail` may come several times
/// Throws UserError.
InferConfig load_infer_config(const std::string& path, const std::vector<std::string>& assignments,
                              const std::vector<std::pair<std::string, std::string>>& options);

/// "50ms" -> one; "10us,1ms" -> these; "10us..30ms" -> 1, 3, 10, ... times the first up to the last. Throws
/// UserError naming `where`.
std::vector<std::int64_t> parse_timeouts(const std::string& text, const std::string& where);

}  // namespace deepfog
