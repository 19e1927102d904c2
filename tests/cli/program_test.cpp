#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/options.hpp"
#include "cli/verb.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

namespace po = boost::program_options;

int run(std::vector<std::string> arguments) {
  const auto refuse = [](const Invocation&) -> ExitCode { throw UserError("here", "wrong", "right"); };
  static const std::vector<Verb> verbs{
      {"good", "does well",
       [](const Invocation& call) { return call.arguments.empty() ? ExitCode::good : ExitCode::invalid; }},
      {"bad", "refuses", refuse},
      {"parallel", "refuses on all ranks", refuse, true},
      {"broken", "fails", [](const Invocation&) -> ExitCode { throw Failure("disk full"); }}};
  arguments.insert(arguments.begin(), "deepfog");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(&argument[0]);
  return run_program(static_cast<int>(argv.size()), argv.data(), verbs);
}

/// The text written to standard error.
std::string complaint(const std::vector<std::string>& arguments, int code) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(arguments), code);
  testing::internal::GetCapturedStdout();
  return testing::internal::GetCapturedStderr();
}

TEST(Program, ExitCodesAndMessages) {
  EXPECT_EQ(complaint({"good"}, 0), "");
  EXPECT_EQ(complaint({"good", "x"}, 3), "");
  EXPECT_EQ(complaint({"bad"}, 2), "deepfog: error: here: wrong (right)\n");
  EXPECT_EQ(complaint({"broken"}, 1), "deepfog: error: disk full\n");
  EXPECT_EQ(complaint({}, 2),
            "deepfog: error: deepfog: no verb given (good, bad, parallel, broken allowed)\n");
  EXPECT_EQ(complaint({"goood"}, 2), "deepfog: error: goood: unknown verb (did you mean good?)\n");
  EXPECT_EQ(complaint({"--versoin"}, 2),
            "deepfog: error: --versoin: unknown verb (did you mean --version?)\n");
}

// Shells inherit such variables from steps and jobs that have ended.
TEST(Program, VariablesOfALaunchThatEndedSilenceNobody) {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK",
                           "SLURM_PROCID", "PALS_RANKID", "FLUX_TASK_RANK"}) {
    setenv(name, "1", 1);
    for (const char* verb : {"bad", "parallel"})
      EXPECT_EQ(complaint({verb}, 2), "deepfog: error: here: wrong (right)\n") << name;
    unsetenv(name);
  }
}

TEST(Program, OfATaskOfSrunOnlyTheFirstSpeaksAndOnlyOfVerbsWithMpi) {
  setenv("SLURM_TASK_PID", std::to_string(getpid()).c_str(), 1);
  setenv("SLURM_STEP_NUM_TASKS", "4", 1);
  setenv("SLURM_PROCID", "1", 1);
  EXPECT_EQ(launched_rank(), 1);
  EXPECT_EQ(complaint({"bad"}, 2), "deepfog: error: here: wrong (right)\n");
  EXPECT_EQ(complaint({"parallel"}, 2), "");
  setenv("SLURM_PROCID", "0", 1);
  EXPECT_EQ(complaint({"parallel"}, 2), "deepfog: error: here: wrong (right)\n");
  for (const char* name : {"SLURM_TASK_PID", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"}) unsetenv(name);
}

TEST(Program, HelpListsTheVerbs) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--help"}), 0);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("  broken    fails\n"), std::string::npos) << text;
}

TEST(Options, NearestOptionAndNoGuessing) {
  po::options_description options("options");
  options.add_options()("help,h", "this")("config", po::value<std::string>()->required(), "file")("dry-run",
                                                                                                  "no work");
  const auto parse = [&](std::vector<std::string> arguments) {
    Invocation call;
    call.verb = "v";
    call.arguments = std::move(arguments);
    return parse_options(call, options, "", "usage", "example\n");
  };
  EXPECT_EQ((*parse({"--config", "x"}))["config"].as<std::string>(), "x");
  EXPECT_USER_ERROR(parse({"--confg", "x"}), "--confg: unknown option (did you mean --config?)");
  EXPECT_USER_ERROR(parse({"--conf", "x"}), "--conf: unknown option (did you mean --config?)");
  EXPECT_USER_ERROR(parse({"--config", "x", "--zzzzzzzz"}),
                    "--zzzzzzzz: unknown option (--help, --config, --dry-run allowed)");
  EXPECT_USER_ERROR(parse({"--config", "x", "y"}),
                    "deepfog v: an argument without option (deepfog v --help)");
  EXPECT_USER_ERROR(parse({}), "deepfog v: the option '--config' is required but missing (deepfog v --help)");
  EXPECT_USER_ERROR(parse({"--config", "x", "--config", "y"}),
                    "deepfog v: option '--config' cannot be specified more than once (deepfog v --help)");
  EXPECT_USER_ERROR(parse({"--config"}),
                    "deepfog v: the required argument for option '--config' is missing (deepfog v --help)");
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--help"}).has_value());
  EXPECT_NE(testing::internal::GetCapturedStdout().find("example:\nexample\n"), std::string::npos);
}

}  // namespace
}  // namespace deepfog
