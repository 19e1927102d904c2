#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <set>

#include "cli/campaign_options.hpp"
#include "cli/infer_config.hpp"
#include "cli/inference_tables.hpp"
#include "cli/options.hpp"
#include "cli/settings_text.hpp"
#include "cli/verb_settings.hpp"
#include "comm/environment.hpp"
#include "comm/last_resort.hpp"
#include "comm/rank_error.hpp"
#include "core/deadline.hpp"
#include "core/progress.hpp"
#include "distributed/plan.hpp"
#include "distributed/recovery.hpp"
#include "distributed/round_recorder.hpp"
#include "distributed/run.hpp"
#include "distributed/simulation.hpp"
#include "scheduler/signals.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

const char* const kUsage =
    "usage: jobs/infer.sh [options], or mpirun -n NODES deepfog infer [options]\n\n"
    "Runs a trained network for real: each physical node in a rank of its own, with its own weights,\n"
    "hyperconnections as messages, failures that happen. A multiple of as many ranks works in groups side\n"
    "by side. jobs/infer.sh starts as many ranks as the network has nodes, so that the others survive when\n"
    "one is killed. A config file has these options, with _ for -, in a section [inference].\n";
const char* const kExample =
    "  jobs/infer.sh --weights results/quickstart.h5.weights/camera.deepfogguard.run0.h5 --failures all "
    "--batch 32 --check\n"
    "  mpirun -n 4 deepfog infer --weights results/quickstart.h5.weights/health.deepfogguard.run0.h5 "
    "--fail \"silence e1 rounds 100..199\"\n";

po::options_description describe_options() {
  po::options_description options("options");
  auto* texts = po::value<std::vector<std::string>>()->composing()->multitoken();
  const auto text = [] { return po::value<std::string>(); };
  auto add = options.add_options();
  add("help,h", "this text");
  add("config", text(), "config file (INI), section [inference]; options win");
  add("set", texts, "key=value ...: wins over the config file");
  add("weights", text(), "weights file of `deepfog run`: topology, normalisation and data set are in it");
  add("dataset", text(), "another data set, by name or file");
  add("output", text(), "results file [results/NAME.h5]");
  add("name", text(), "of the run in the results file [inference]");
  add("scenario", text(),
      "single-stream (one frame at a time) | offline (pipelined) | server (Poisson arrivals)");
  add("rate", text(), "server: frames a second");
  add("samples", text(), "of the test split [0: all]");
  add("batch", text(), "samples a frame [1]");
  add("depth", text(), "frames in flight [single-stream 1, else 8]");
  add("seed", text(), "of the arrivals [1]");
  add("threads", text(), "a rank [1]");
  add("failures", text(), "none | all (every failure combination in turn) | NODE,NODE (silent all the time)");
  add("script", text(), "failure script, see README");
  add("fail", po::value<std::vector<std::string>>()->composing(),
      "a line of one, as \"crash e1 round 50\"; several times");
  add("timeout", text(), "of a hop [50ms]; 10us..30ms or a list: the timeout study");
  add("link-timeout", po::value<std::vector<std::string>>()->composing(),
      "of one hyperconnection, as \"e1->f2 5ms\"; several times");
  add("variants", text(), "of the timeout study: none, script, nodes that are dead, as none,f2 [none]");
  add("exit-threshold", text(), "of every exit but the last, instead of the trained ones: 0 to 1");
  add("kernels", text(), "packed: binary blocks with one bit a value, where a node has nothing else [float]");
  add("adaptive", text(), "true: timeouts follow the observed latencies [false]");
  add("heartbeat", text(), "between heartbeats [20ms]");
  add("limit", text(), "silent for longer is suspected [200ms]");
  add("run-limit", text(), "the run ends then in any case [3600s]");
  add("check", "hold every answer against the simulated network");
  add("recover", text(),
      "make the results of a run whose ranks were all killed from its round log, OUTPUT.group0.rounds");
  add_print_option(options);
  add("print-ranks", "print how many ranks the network needs; do nothing");
  add("print-limit", "print after how many seconds every rank has ended in any case; do nothing");
  add("dry-run", "check everything, print the plan; do nothing");
  add("progress", po::value<std::string>()->default_value("auto"),
      "auto | always | never, on standard error");
  return options;
}

InferConfig load(const po::variables_map& values) {
  std::vector<std::pair<std::string, std::string>> given;
  for (const std::string& key : inference_keys()) {
    std::string option = key;
    std::replace(option.begin(), option.end(), '_', '-');
    if (values.count(option) == 0) continue;
    if (key == "check") {
      given.emplace_back(key, "true");
    } else if (key == "fail" || key == "link_timeout") {
      for (const auto& line : values[option].as<std::vector<std::string>>()) given.emplace_back(key, line);
    } else {
      given.emplace_back(key, values[option].as<std::string>());
    }
  }
  const auto sets =
      values.count("set") == 0 ? std::vector<std::string>() : values["set"].as<std::vector<std::string>>();
  return load_infer_config(values.count("config") == 0 ? "" : config_option(values), sets, given);
}

/// A run replaces the results of an earlier run only, never a campaign's results or a data set.
void check_existing(const std::string& output) {
  if (!std::filesystem::exists(output)) return;
  const std::string allowed = "another --output, or remove it";
  bool campaign = false;
  try {
    campaign = !read_results(output).experiments.empty();
  } catch (const UserError&) {
    throw UserError(output, "exists and is no results file", allowed);
  }
  if (campaign) throw UserError(output, "exists and has the results of a campaign", allowed);
}

/// Checks that one rank makes for all. Throws UserError.
void check_for_all(const Job& job, int groups) {
  check_weights(job);  // each rank loads only its own part
  check_output_file(job.spec.output);
  for (int group = 0; group < groups; ++group)
    check_output_file(round_log_path(job.spec.output, group), Links::refuse);
  check_existing(job.spec.output);
}

/// Loads the job on every rank; the first rank also checks the output files. Returns the first error, on
/// every rank.
std::optional<RankError> load_together(const po::variables_map& values, const Communicator& world,
                                       const std::string& command_line, std::unique_ptr<Job>& job) {
  const std::optional<RankError> own = error_of(world, [&] {
    DistributedSpec spec = load(values).spec;
    spec.command_line = command_line;
    job = std::make_unique<Job>(load_job(spec));
    const std::string ranks = rank_problem(job->topology, world.size());
    if (!ranks.empty()) throw UserError("mpirun", ranks);
    if (world.rank() != 0) return;
    check_for_all(*job, world.size() / job->nodes());
    make_output_folder(std::filesystem::path(spec.output).parent_path().string());
    const std::string told = set_logs_aside(spec.output);
    if (!told.empty()) std::cerr << "deepfog: " << told << std::endl;
  });
  return first_error(world, own);
}

ExitCode tell(const Job& job, const RunOutcome& outcome, int rank, double seconds) {
  if (!outcome.refusal.empty() && rank == 0) say_error(outcome.refusal);
  if (!outcome.notice.empty()) std::cerr << "deepfog: " << outcome.notice << std::endl;
  if (!outcome.wrote) return outcome.code;
  if (job.origin.cut && job.origin.cut->drawn)
    std::cout << "RANDOM weights: time, memory and traffic are real, accuracies (top-1) mean nothing\n";
  std::cout << inference_tables(outcome.results) << inference_lines(outcome.results, job.spec.output, seconds)
            << std::flush;
  if (!outcome.results.valid)
    std::cerr << "deepfog: INVALID: " << outcome.results.invalid_reasons << std::endl;
  return outcome.code;
}

constexpr std::chrono::seconds kMostOfStart{300}, kClosingTimeout{150}, kFinalizeTimeout{60},
    kCheckTimeout{600};
constexpr int kFailed = static_cast<int>(ExitCode::failed);

std::string seconds_words(std::chrono::microseconds span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

/// Limits the time from launch to the first round, during which no rank can notice that another has died.
void limit_start(const po::variables_map& values) {
  std::chrono::microseconds limit = kMostOfStart;
  try {
    limit = std::min(limit, std::chrono::microseconds(load(values).spec.run_limit_us));
  } catch (const UserError&) {  // reported by load_together(), once for all ranks
  }
  end_process_in(limit,
                 "deepfog: error: the ranks did not all come to the start within " + seconds_words(limit) +
                     " (one has died, or is far slower than the others: --run-limit)",
                 kFailed);
}

/// Seconds from the launch to the end of every rank that can still end by itself.
std::int64_t most_seconds(const Job& job) {
  const std::chrono::microseconds rounds = job.run_limit();
  auto all =
      std::min<std::chrono::microseconds>(kMostOfStart, rounds) + rounds + kClosingTimeout + kFinalizeTimeout;
  if (job.spec.check) all += kCheckTimeout;
  return std::chrono::duration_cast<std::chrono::seconds>(all).count() + 1;
}

/// Checking all answers may take long, so it has no limit; otherwise nothing takes long after the rounds.
void limit_run(const Job& job) {
  if (job.spec.check) return end_process_no_longer();
  end_process_in(job.run_limit() + kClosingTimeout,
                 "deepfog: error: the run did not end by itself; `deepfog infer --recover " +
                     round_log_path(job.spec.output, 0) + "` makes the results of its rounds",
                 kFailed);
}

ExitCode infer_on_all_ranks(const po::variables_map& values, const std::string& command_line) {
  const Stopwatch watch;
  limit_start(values);
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
  const Communicator world = Communicator::world();
  std::unique_ptr<Job> job;
  if (const auto error = load_together(values, world, command_line, job)) {
    if (world.rank() == 0) say_error(error->text);
    return error->code();
  }
  const SignalWatch signals;
  RunHooks hooks;
  hooks.interrupted = [&] { return signals.received() != 0; };
  hooks.begun = [&] { limit_run(*job); };
  const ProgressMode mode = progress_mode(values["progress"].as<std::string>());
  std::unique_ptr<Progress> progress;
  if (world.rank() == job->last_node()) {
    hooks.progress = [&](std::int64_t done, std::int64_t planned) {
      if (!progress) {
        progress = std::make_unique<Progress>("infer", static_cast<double>(planned), mode, std::cerr,
                                              isatty(STDERR_FILENO) != 0);
      }
      progress->update(static_cast<double>(done), 0, "rounds");
    };
  }
  const RunOutcome outcome = run_distributed(world, *job, hooks);
  if (progress) progress->finish();
  const ExitCode code = tell(*job, outcome, world.rank(), watch.seconds());
  if (!outcome.clean) leave_without_finalize(static_cast<int>(code));
  end_process_in(kFinalizeTimeout, "", static_cast<int>(code));
  return code;
}

/// Writes the results of a run that was cut off; needs no further ranks.
ExitCode recover(const po::variables_map& values) {
  const std::set<std::string> allowed = {"recover", "output", "weights", "dataset", "check", "progress"};
  for (const auto& [option, value] : values) {
    if (allowed.count(option) == 0)
      throw UserError("--" + option, "does not go with --recover",
                      "the log says how the run was; --output, --weights, --dataset, --check allowed");
  }
  const auto text = [&](const char* option) {
    return values.count(option) == 0 ? std::string() : values[option].as<std::string>();
  };
  const Stopwatch watch;
  const RecoveryChoice choice{text("output"), text("weights"), text("dataset"), values.count("check") != 0};
  if (!choice.output.empty()) check_existing(choice.output);
  Recovery recovery(text("recover"), choice);
  const RunOutcome outcome = recovery.run();
  if (!outcome.notice.empty()) std::cerr << "deepfog: " << outcome.notice << std::endl;
  if (!outcome.wrote) return ExitCode::good;
  const ExitCode code = tell(recovery.job(), outcome, 0, watch.seconds());
  return code == ExitCode::interrupted ? ExitCode::good : code;  // the requested file was written
}

void print_plan(const Job& job) {
  std::cout << job.origin.experiment << "." << job.origin.model << ": " << job.nodes() << " ranks a group, "
            << job.plan.size() << (job.plan.size() == 1 ? " phase" : " phases") << " of " << job.samples
            << " samples in frames of " << job.spec.batch << "\n";
  for (const Phase& phase : job.plan) std::cout << "  " << phase.name << "\n";
}

}  // namespace

std::optional<std::vector<EffectiveSetting>> infer_settings(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return std::nullopt;
  return load(*values).effective;
}

ExitCode infer_verb(const Invocation& invocation) {
  const auto values = parse_options(invocation, describe_options(), "", kUsage, kExample);
  if (!values) return ExitCode::good;
  progress_mode((*values)["progress"].as<std::string>());
  const bool prints = values->count("print-config") != 0, dry = values->count("dry-run") != 0;
  const bool ranks = values->count("print-ranks") != 0, limit = values->count("print-limit") != 0;
  if (values->count("recover") != 0) return launched_rank() == 0 ? recover(*values) : ExitCode::good;
  if (!prints && !dry && !ranks && !limit) return infer_on_all_ranks(*values, invocation.command_line);
  if (launched_rank() != 0) return ExitCode::good;
  const InferConfig config = load(*values);
  if (prints)
    std::cout << printed_settings("infer", config.effective, (*values)["print-config"].as<std::string>());
  if (!dry && !ranks && !limit) return ExitCode::good;
  const Job job = load_job(config.spec);
  if (dry) check_for_all(job, 1);
  if (dry) print_plan(job);
  if (ranks) std::cout << job.nodes() << "\n";
  if (limit) std::cout << most_seconds(job) << "\n";
  return ExitCode::good;
}

}  // namespace deepfog
