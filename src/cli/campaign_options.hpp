#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "campaign/campaign.hpp"
#include "cli/campaign_config.hpp"

namespace deepfog {

/// Adds --help, --config, --set and --output, which every verb that carries out a config has.
void add_config_options(boost::program_options::options_description& options);

/// Adds these and the options that stand for keys of a campaign. The campaign verbs share them, so that merge
/// accepts the options given to run.
void add_campaign_options(boost::program_options::options_description& options);

/// The file of --config: a path, or the path or name of a config that is shipped with the program.
std::string config_option(const boost::program_options::variables_map& values);

/// The file of --output; empty if it is not given. Throws UserError if it cannot name a file.
std::string output_option(const boost::program_options::variables_map& values);

/// Loads the config that the options name, restricted to one shard if requested. Throws UserError.
CampaignConfig load_campaign(const boost::program_options::variables_map& values);

/// The tables and RESULT lines of an outcome; only the last line if the campaign has open shards.
std::string outcome_text(const CampaignSpec& spec, const CampaignOutcome& outcome, double seconds);

}  // namespace deepfog
