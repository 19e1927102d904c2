#include <iostream>

#include "campaign/campaign.hpp"
#include "campaign/paths.hpp"
#include "cli/campaign_options.hpp"
#include "cli/options.hpp"
#include "cli/settings_text.hpp"
#include "cli/verb_settings.hpp"
#include "cli/work_estimate.hpp"
#include "comm/communicator.hpp"
#include "comm/environment.hpp"
#include "core/deadline.hpp"
#include "models/device.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

const char* const kUsage =
    "usage: [mpirun -n RANKS] deepfog run --config FILE [options]\n\n"
    "Trains every model of a campaign, counts the correct predictions under all failure combinations and "
    "writes them\n"
    "to an HDF5 file. All ranks compute. A campaign that was killed or interrupted goes on when the same "
    "command is\n"
    "given again.\n"
    "A run that fails (a training that diverges, memory that runs out) is named with its reason and costs no "
    "other\n"
    "run; the exit code is 1 then. The same command tries runs again that may succeed another time; those "
    "that "
    "diverged\n"
    "only with --retry or after a change. Between two calls models may be changed, added or removed, and "
    "runs "
    "added:\n"
    "what does not depend on the change is kept. The state at the end is in the last RESULT line, see "
    "deepfog "
    "verify\n"
    "--help.\n";
const char* const kExample =
    "  mpirun -n 4 deepfog run --config configs/quickstart.ini --set campaign.runs=5 "
    "model.health.vanilla.epochs=20\n";

po::options_description describe_options() {
  po::options_description options("options");
  add_campaign_options(options);
  auto add = options.add_options();
  add_print_option(options);
  add("dry-run", "check everything, print tasks and estimated work; write nothing");
  add("progress", po::value<std::string>()->default_value("auto"),
      "auto | always | never, on standard error");
  add("retry", "try runs again that have failed for good (a training that diverged)");
  add("restart", "throw away an earlier campaign in the same output file; of a share its own part");
  add("share", po::value<std::string>(),
      "K/N: only the runs that fall to share K of N, into OUTPUT.shares; deepfog merge puts them together");
  return options;
}

/// Reads the config on every rank, since a rank may see other files than the first. Returns the error of the
/// first rank that has one, the same text on every rank; empty if there is none.
std::string load_together(const po::variables_map& values, const Communicator& world,
                          CampaignConfig& config) {
  std::string problem;
  try {
    config = load_campaign(values);
    locate_datasets(config);
    choose_device(config.spec.device, 0);  // refuses a missing device
  } catch (const UserError& error) {
    problem = error.what();
  }
  std::string first;
  for (const auto& one : gather(world, problem)) {
    if (first.empty()) first = one;
  }
  return broadcast(world, first);
}

/// The part that needs MPI. Wrong input ends here, within the life of the environment, so that all ranks know
/// it and all finalise.
ExitCode run_on_all_ranks(const po::variables_map& values, const CampaignOptions& options) {
  const Stopwatch watch;
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
  Communicator world = Communicator::world();
  const auto refuse = [&](const std::string& problem) {
    if (world.rank() == 0) say_error(problem);
    return ExitCode::bad_input;
  };
  CampaignConfig config;
  const std::string problem = load_together(values, world, config);
  if (!problem.empty()) return refuse(problem);
  try {
    const CampaignOutcome outcome = run_campaign(config.spec, world, options);
    if (world.rank() == 0) std::cout << outcome_text(config.spec, outcome, watch.seconds()) << std::flush;
    return outcome.code;
  } catch (const UserError& error) {
    return refuse(error.what());
  }
}

}  // namespace

std::optional<std::vector<EffectiveSetting>> run_settings(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return std::nullopt;
  return load_campaign(*values).effective;
}

ExitCode run_verb(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return ExitCode::good;
  CampaignOptions options;
  options.command_line = invocation.command_line;
  options.typed = invocation.typed;
  options.progress = progress_mode((*values)["progress"].as<std::string>());
  options.retry = values->count("retry") != 0;
  options.restart = values->count("restart") != 0;
  const bool prints = values->count("print-config") != 0, dry = values->count("dry-run") != 0;
  if (!prints && !dry) return run_on_all_ranks(*values, options);
  if (launched_rank() != 0) return ExitCode::good;
  CampaignConfig config = load_campaign(*values);
  if (prints)
    std::cout << printed_settings("run", config.effective, (*values)["print-config"].as<std::string>());
  if (dry) {
    locate_datasets(config);
    check_outputs(config.spec);
    std::cout << work_summary(config.spec);
  }
  return ExitCode::good;
}

}  // namespace deepfog
