#include <iostream>

#include "campaign/merge.hpp"
#include "cli/campaign_options.hpp"
#include "cli/options.hpp"
#include "core/deadline.hpp"

namespace deepfog {
namespace po = boost::program_options;

ExitCode merge_verb(const Invocation& invocation) {
  po::options_description described("options");
  add_campaign_options(described);
  const auto values = parse_options(
      invocation, described, "",
      "usage: deepfog merge --config FILE [options]\n\n"
      "Puts the shares of a campaign (deepfog run --share K/N, one a job) together: the results file that a "
      "run of "
      "the\nwhole would have written. Says which shares lack tasks, and ends with exit code 75, while there "
      "are "
      "some.\n",
      "  for k in 1 2 3 4; do deepfog run --config configs/quickstart.ini --share $k/4 & done; wait\n"
      "  deepfog merge --config configs/quickstart.ini\n");
  if (!values) return ExitCode::good;
  const Stopwatch watch;
  CampaignConfig config = load_campaign(*values);
  locate_datasets(config);
  CampaignOptions options;
  options.command_line = invocation.command_line;
  const CampaignOutcome outcome = merge_shards(config.spec, options);
  if (outcome.code != ExitCode::interrupted)
    std::cout << outcome_text(config.spec, outcome, watch.seconds()) << std::flush;
  return outcome.code;
}

}  // namespace deepfog
