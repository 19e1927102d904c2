#pragma once

#include <string>
#include <vector>

#include "campaign/dataset_summary.hpp"
#include "campaign/spec.hpp"
#include "results/results_file.hpp"

/// What decides a campaign's numbers: its config and what stands in the files it names.
namespace deepfog {

/// What a user can do about another campaign in the same place.
extern const char* const ways_out;

/// One an experiment. Throws UserError when a data set does not fit the topologies or lacks samples.
std::vector<DatasetSummary> look_at_data(const CampaignSpec& spec);

/// Checksums of data and topologies, one "key = value" a line.
std::string input_lines(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets);
std::string input_lines(const Results& results);

/// Throw UserError with the difference, where there is one.
void demand_same_config(const std::string& where, const std::string& before, const std::string& now);
void demand_same_inputs(const std::string& where, const std::string& before, const std::string& now);
[[noreturn]] void refuse_campaign(const std::string& where, const std::vector<std::string>& difference);

}  // namespace deepfog
