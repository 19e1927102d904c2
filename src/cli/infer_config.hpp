#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/setting_reader.hpp"
#include "distributed/spec.hpp"

namespace deepfog {

/// A distributed run as requested by section [inference] of a config file, --set and options.
struct InferConfig {
  DistributedSpec spec;
  std::vector<EffectiveSetting> effective;
};

/// Keys of [inference]; the options of `deepfog infer` have the same names with - instead of _.
const std::vector<std::string>& inference_keys();

/// @param path         config file; empty: none
/// @param assignments  of --set
/// @param options      keys and values of the given options, which override the rest; `fail` may occur
/// several times
/// Throws UserError.
InferConfig load_infer_config(const std::string& path, const std::vector<std::string>& assignments,
                              const std::vector<std::pair<std::string, std::string>>& options);

/// Parses timeouts: "50ms" is one value; "10us,1ms" is a list; "10us..30ms" is 1, 3, 10, ... times the first,
/// up to the last. Throws UserError, which names `where`.
std::vector<std::int64_t> parse_timeouts(const std::string& text, const std::string& where);

}  // namespace deepfog
