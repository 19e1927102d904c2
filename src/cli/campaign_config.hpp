#pragma once

#include <string>
#include <vector>

#include "campaign/spec.hpp"
#include "cli/setting_reader.hpp"

namespace deepfog {

/// A campaign as requested by a config file and the options of the command line.
struct CampaignConfig {
  CampaignSpec spec;  ///< dataset_path is filled by locate_datasets()
  std::vector<EffectiveSetting> effective;
};

/// Reads and checks a config file and every topology it names, without looking for data sets. Paths of
/// topologies and data files are relative to the config file (those of --set to the working directory).
/// @param assignments  "section.key=value" of --set, in order; they override the file
/// @param output       of --output; empty: the config's
/// Throws UserError "file:line: what (allowed)".
CampaignConfig load_campaign_config(const std::string& path, const std::vector<std::string>& assignments,
                                    const std::string& output);

/// Finds the file of every experiment's data set. Throws UserError.
void locate_datasets(CampaignConfig& config);

/// The effective values as a config file, each with its origin as a comment.
std::string print_config(const CampaignConfig& config);

}  // namespace deepfog
