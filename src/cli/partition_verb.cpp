#include <filesystem>
#include <iostream>

#include "campaign/resume_command.hpp"
#include "cli/campaign_options.hpp"
#include "cli/options.hpp"
#include "cli/partition_config.hpp"
#include "cli/partition_tables.hpp"
#include "cli/result_tables.hpp"
#include "cli/settings_text.hpp"
#include "cli/verb_settings.hpp"
#include "comm/environment.hpp"
#include "core/deadline.hpp"
#include "results/failed_runs.hpp"
#include "scheduler/signals.hpp"
#include "storage/output_path.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

const char* const kUsage =
    "usage: [mpirun -n RANKS] deepfog partition --config FILE [options]\n\n"
    "Cuts every layer of a convolutional network over devices: RobustDiCE, layer output partitioning (lop),\n"
    "coded computing (cdc), full replication, random. Trains the network (or reads its weights), scores its\n"
    "neurons, chooses thresholds, and counts the correct predictions under all combinations of failed\n"
    "devices. Writes a results file, and beside it the weights of every device for deepfog infer. The same\n"
    "command goes on after a kill: a trained and scored network is not made again. A network that diverges\n"
    "costs its run, a partition that cannot be had (an accuracy that is not reached) itself: they are "
    "named,\n"
    "the others are finished, the exit code is 1; the same command tries those alone that it has no network\n"
    "of.\n";
const char* const kExample =
    "  jobs/infer.sh --weights results/robustdice-cifar10.h5.partitions/d4.robustdice.run0.h5 --batch 16 "
    "--failures all --check\n"
    "  mpirun -n 2 deepfog partition --config configs/robustdice-cifar10.ini --set partition.runs=1\n";

po::options_description describe_options() {
  po::options_description options("options");
  add_config_options(options);
  auto add = options.add_options();
  add_print_option(options);
  add("dry-run", "check everything, print what would be done; write nothing");
  add("progress", po::value<std::string>()->default_value("auto"),
      "auto | always | never, on standard error");
  return options;
}

PartitionConfig load(const po::variables_map& values) {
  const auto sets =
      values.count("set") == 0 ? std::vector<std::string>() : values["set"].as<std::vector<std::string>>();
  const auto output = output_option(values);
  return load_partition_config(config_option(values), sets, output);
}

/// A study replaces the results of an earlier study of the same name only.
void check_existing(const CuttingSpec& spec) {
  if (!std::filesystem::exists(spec.output)) return;
  const std::string allowed = "another --output, or remove it";
  Results earlier;
  try {
    earlier = read_results(spec.output);
  } catch (const UserError&) {
    throw UserError(spec.output, "exists and is no results file", allowed);
  }
  for (const ExperimentResults& experiment : earlier.experiments) {
    for (const ModelResults& model : experiment.models) {
      if (model.partition.empty())
        throw UserError(spec.output, "exists and has the results of a campaign", allowed);
    }
  }
  if (!earlier.inference.empty())
    throw UserError(spec.output, "exists and has the results of a distributed run", allowed);
}

/// Refuses results and weights that could not be written. Throws UserError.
void check_outputs(const CuttingJob& job) {
  check_output_file(job.spec.output);
  for (std::int64_t run = 0; run < job.spec.runs; ++run) {
    check_output_file(job.network_path(run));
    for (const CutExperimentSpec& experiment : job.spec.experiments) {
      for (const CutModelSpec& model : experiment.models)
        check_output_file(job.weights_path(experiment.name, model.name, run));
    }
  }
  check_existing(job.spec);
}

CuttingJob load_job(const po::variables_map& values, const std::string& command_line) {
  PartitionConfig config = load(values);
  locate_dataset(config);
  config.spec.command_line = command_line;
  return load_cutting_job(config.spec);
}

/// Returns the error of the first rank that has one, on every rank; empty if there is none.
std::string load_together(const po::variables_map& values, const Communicator& world,
                          const std::string& command_line, CuttingJob& job) {
  std::string problem;
  try {
    job = load_job(values, command_line);
    if (world.rank() == 0) {
      check_outputs(job);
      make_output_folder(std::filesystem::path(job.spec.output).parent_path().string());
    }
  } catch (const UserError& error) {
    problem = error.what();
  }
  std::string first;
  for (const std::string& one : gather(world, problem)) {
    if (first.empty()) first = one;
  }
  return broadcast(world, first);
}

void tell(const CuttingJob& job, const CuttingOutcome& outcome, double seconds) {
  std::cout << partition_tables(job, outcome);
  if (!job.spec.random()) std::cout << result_tables(outcome.results) << result_lines(outcome.results);
  std::cout << partition_lines(job, outcome);
  char took[32];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  const std::size_t failed = failed_run_lines(outcome.results).size();
  const std::string status = !job.spec.random()                 ? status_of(outcome.results)
                             : outcome.code == ExitCode::failed ? failed_runs_status
                                                                : "complete";
  std::cout << "RESULT study=" << job.spec.name;
  if (!job.spec.random()) std::cout << " file=" << job.spec.output << " valid=" << outcome.results.valid;
  std::cout << " status=" << status << " seconds=" << took;
  if (failed > 0) std::cout << " failed_runs=" << failed;
  std::cout << std::endl;
  if (outcome.code == ExitCode::invalid)
    std::cerr << "deepfog: INVALID: " << outcome.results.invalid_reasons << std::endl;
}

ExitCode partition_on_all_ranks(const po::variables_map& values, const std::string& command_line) {
  const Stopwatch watch;
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
  const Communicator world = Communicator::world();
  const auto refuse = [&](const std::string& problem) {
    if (world.rank() == 0) say_error(problem);
    return ExitCode::bad_input;
  };
  CuttingJob job;
  const std::string problem = load_together(values, world, command_line, job);
  if (!problem.empty()) return refuse(problem);
  set_threads(job.spec.threads);
  const SignalWatch signals(world.rank() == 0 ? "deepfog: a signal: stopping soon; the same command goes on"
                                              : "");
  CuttingOptions options;
  options.progress = progress_mode(values["progress"].as<std::string>());
  options.interrupted = [&] { return signals.received() != 0; };
  try {
    const CuttingOutcome outcome = run_cutting(job, world, options);
    if (world.rank() != 0) return outcome.code;
    if (outcome.code == ExitCode::interrupted) {
      std::cerr << "deepfog: interrupted; resume with: " << resume_command(command_line)
                << " (the same command goes on)" << std::endl;
      std::cout << "RESULT study=" << job.spec.name << " file=" << job.spec.output
                << " valid=unknown status=interrupted" << std::endl;
    } else {
      tell(job, outcome, watch.seconds());
    }
    return outcome.code;
  } catch (const UserError& error) {
    return refuse(error.what());
  }
}

}  // namespace

std::optional<std::vector<EffectiveSetting>> partition_settings(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return std::nullopt;
  return load(*values).effective;
}

ExitCode partition_verb(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return ExitCode::good;
  progress_mode((*values)["progress"].as<std::string>());
  const bool prints = values->count("print-config") != 0, dry = values->count("dry-run") != 0;
  if (!prints && !dry) return partition_on_all_ranks(*values, invocation.command_line);
  if (launched_rank() != 0) return ExitCode::good;
  if (prints) {
    std::cout << printed_settings("partition", load(*values).effective,
                                  (*values)["print-config"].as<std::string>());
  }
  if (dry) {
    const CuttingJob job = load_job(*values, invocation.command_line);
    check_outputs(job);
    std::cout << partition_plan(job);
  }
  return ExitCode::good;
}

}  // namespace deepfog
