#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "campaign/campaign.hpp"
#include "cli/campaign_config.hpp"

namespace deepfog {

/// --help, --config, --set and --output: of every verb that carries out a config.
void add_config_options(boost::program_options::options_description& options);

/// These, and the options that stand for keys of a campaign: the verbs that know a campaign have it in
/// common, so that what was given to run can be given to merge.
void add_campaign_options(boost::program_options::options_description& options);

/// The file of --config: as given, or of that path or name among the configs that came with the program.
std::string config_option(const boost::program_options::variables_map& values);

/// The file of --output; empty where it is not given. Throws UserError when it can name no file.
std::string output_option(const boost::program_options::variables_map& values);

/// The config they name, with --shard where the verb has it. Throws UserError.
CampaignConfig load_campaign(const boost::program_options::variables_map& values);

/// The tables and RESULT lines of what came out; of a shard the last line alone.
std::string outcome_text(const CampaignSpec& spec, const CampaignOutcome& outcome, double seconds);

}  // namespace deepfog
