#include <cstdio>
#include <iostream>

#include "campaign/campaign.hpp"
#include "cli/campaign_config.hpp"
#include "cli/options.hpp"
#include "cli/result_tables.hpp"
#include "cli/settings_text.hpp"
#include "cli/work_estimate.hpp"
#include "comm/communicator.hpp"
#include "comm/environment.hpp"
#include "core/deadline.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

const char* const kUsage =
    "usage: [mpirun -n RANKS] deepfog run --config FILE [options]\n\n"
    "Trains every model of a campaign, counts the correct predictions under all failure combinations and "
    "writes them\n"
    "to an HDF5 file. All ranks compute. A campaign that was killed or interrupted goes on when the same "
    "command is\n"
    "given again.\n";
const char* const kExample =
    "  mpirun -n 4 deepfog run --config configs/quickstart.ini --set campaign.runs=5 "
    "model.health.vanilla.epochs=20\n";

po::options_description describe_options() {
  po::options_description options("options");
  auto* texts = po::value<std::vector<std::string>>()->composing()->multitoken();
  auto add = options.add_options();
  add("help,h", "this text");
  add("config", po::value<std::string>()->required(), "config file (INI)");
  add("set", texts, "section.key=value ...: wins over the config file");
  add("output", po::value<std::string>(), "results file; wins over the config's output");
  add("engine", po::value<std::string>(), "diagram | reference: how combinations are swept; the same counts");
  add("memory", po::value<std::string>(), "bound of a rank's sweep buffers, as 512MiB; the same counts");
  add("print-config", "print the values in force and where each came from; do nothing");
  add("dry-run", "check everything, print units and estimated work; write nothing");
  add("progress", po::value<std::string>()->default_value("auto"),
      "auto | always | never, on standard error");
  add("restart", "throw away an earlier campaign in the same output file");
  return options;
}

CampaignConfig load(const po::variables_map& values) {
  auto sets =
      values.count("set") == 0 ? std::vector<std::string>() : values["set"].as<std::vector<std::string>>();
  for (const char* option : {"engine", "memory"}) {
    if (values.count(option) != 0)
      sets.push_back("campaign." + std::string(option) + "=" + values[option].as<std::string>());
  }
  const auto output = values.count("output") == 0 ? std::string() : values["output"].as<std::string>();
  return load_campaign_config(values["config"].as<std::string>(), sets, output);
}

/// Reads the config on every rank; a rank may see other files than the first. What is wrong on the first rank
/// where anything is, the same text on every rank; empty when all is well.
std::string load_together(const po::variables_map& values, const Communicator& world,
                          CampaignConfig& config) {
  std::string problem;
  try {
    config = load(values);
    locate_datasets(config);
  } catch (const UserError& error) {
    problem = error.what();
  }
  std::string first;
  for (const auto& one : gather(world, problem)) {
    if (first.empty()) first = one;
  }
  return broadcast(world, first);
}

void print_outcome(const CampaignSpec& spec, const CampaignOutcome& outcome, double seconds) {
  const Results& results = outcome.results;
  std::cout << result_tables(results) << result_lines(results);
  const auto status = results.text.find("status");
  char took[32];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  std::cout << "RESULT campaign=" << spec.name << " file=" << spec.output << " valid=" << results.valid
            << " status=" << (status == results.text.end() ? "unknown" : status->second)
            << " seconds=" << took << std::endl;
}

/// The part that needs MPI. Wrong input ends here, inside the environment's life: all ranks know it, all
/// finalise.
ExitCode run_on_all_ranks(const po::variables_map& values, const CampaignOptions& options) {
  const Stopwatch watch;
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
  Communicator world = Communicator::world();
  const auto refuse = [&](const std::string& problem) {
    if (world.rank() == 0) std::cerr << "deepfog: error: " << problem << std::endl;
    return ExitCode::bad_input;
  };
  CampaignConfig config;
  const std::string problem = load_together(values, world, config);
  if (!problem.empty()) return refuse(problem);
  try {
    const CampaignOutcome outcome = run_campaign(config.spec, world, options);
    if (world.rank() == 0) print_outcome(config.spec, outcome, watch.seconds());
    return outcome.code;
  } catch (const UserError& error) {
    return refuse(error.what());
  }
}

}  // namespace

ExitCode run_verb(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return ExitCode::good;
  CampaignOptions options;
  options.command_line = invocation.command_line;
  options.progress = progress_mode((*values)["progress"].as<std::string>());
  options.restart = values->count("restart") != 0;
  const bool prints = values->count("print-config") != 0, dry = values->count("dry-run") != 0;
  if (!prints && !dry) return run_on_all_ranks(*values, options);
  if (launched_rank() != 0) return ExitCode::good;
  CampaignConfig config = load(*values);
  if (prints) std::cout << print_config(config);
  if (dry) {
    locate_datasets(config);
    std::cout << work_summary(config.spec);
  }
  return ExitCode::good;
}

}  // namespace deepfog
