#pragma once

#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "cutting/spec.hpp"

namespace deepfog {

/// A partition study as requested by a config file and the options of `deepfog partition`.
struct PartitionConfig {
  CuttingSpec spec;  ///< dataset_path is filled by locate_dataset()
  std::vector<EffectiveSetting> effective;
};

/// Reads [partition] and all [experiment.NAME] and [model.NAME] sections, without looking for data.
/// @param assignments  "section.key=value" of --set; a key without a section belongs to [partition]
/// @param output       of --output; empty: the config's
/// Throws UserError "file:line: what (allowed)".
PartitionConfig load_partition_config(const std::string& path, const std::vector<std::string>& assignments,
                                      const std::string& output);

/// Throws UserError.
void locate_dataset(PartitionConfig& config);

}  // namespace deepfog
