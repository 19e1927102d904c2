#include "cli/environment_report.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "cli/verb.hpp"

namespace deepfog {
namespace {

TEST(EnvironmentReport, TheLauncherAndTheJob) {
  Surroundings seen;
  seen.answers = [](const std::string&) { return true; };
  seen.is_open = [](int) { return false; };
  seen.line = {{20, "deepfog"}, {10, "mpirun"}};
  EXPECT_EQ(launcher_text(seen), "none");
  seen.variables = {{"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}};
  EXPECT_EQ(launcher_text(seen), "none, Slurm job 7");
  seen.variables.insert({{"SLURM_TASK_PID", "20"}, {"SLURM_PROCID", "1"}});
  EXPECT_EQ(launcher_text(seen), "srun, 4 tasks, Slurm job 7");
  seen.variables.insert(
      {{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "3"}, {"PMIX_SERVER_URI4", "here"}});
  EXPECT_EQ(launcher_text(seen), "mpirun, 3 ranks, Slurm job 7") << "mpirun starts its daemons with srun";
}

/// Every key with the form of its value.
TEST(EnvironmentReport, SaysWhatTheProgramRunsOn) {
  const std::map<std::string, std::string> forms{{"deepfog", R"(\d+\.\d+\.\d+)"},
                                                 {"commit", R"((unknown|[0-9a-f]{40})( \(modified\))?)"},
                                                 {"compiler", "(GCC|Clang) .+"},
                                                 {"home", "/.+"},
                                                 {"mpi_library", ".*(Open MPI|MPICH|Intel).*"},
                                                 {"mpi_standard", R"([34]\.\d)"},
                                                 {"ulfm", "yes|no"},
                                                 {"launcher", ".+"},
                                                 {"cores_of_host", R"([1-9]\d*)"},
                                                 {"cores_allowed", R"([1-9]\d*)"},
                                                 {"omp_num_threads", "not set|[0-9]+"},
                                                 {"default_threads", "1"},
                                                 {"processor_vectors", "none|avx2( avx512)?"},
                                                 {"kernels_used", "portable|avx2|avx512"},
                                                 {"libtorch", R"([12]\.\d+\.\d+.*)"},
                                                 {"blas", "/.*[.]so.*|unknown"},
                                                 {"reference_blas", "no|yes .+"},
                                                 {"cuda", "yes|no"},
                                                 {"gpus", R"(\d+)"},
                                                 {"hdf5", R"(1\.\d+\.\d+|2\.\d+\.\d+)"}};
  const auto report = environment_report();
  EXPECT_EQ(report.size(), forms.size());
  for (const auto& [key, value] : report) {
    ASSERT_EQ(forms.count(key), 1U) << key;
    EXPECT_TRUE(std::regex_match(value, std::regex(forms.at(key)))) << key << ": " << value;
  }
}

std::string listed(const std::vector<std::string>& arguments) {
  static const std::vector<Verb> verbs;
  Invocation call;
  call.verb = "list";
  call.arguments = arguments;
  call.verbs = &verbs;
  testing::internal::CaptureStdout();
  EXPECT_EQ(list_verb(call), ExitCode::good);
  return testing::internal::GetCapturedStdout();
}

TEST(EnvironmentReport, ComesByWordOrOptionAndOnlyThen) {
  const std::string text = listed({"environment"});
  EXPECT_EQ(text.rfind("environment:\ndeepfog: ", 0), 0U) << text;
  EXPECT_EQ(listed({"--environment"}), text);
  EXPECT_EQ(listed({"verbs", "--environment"}), "verbs:\n" + text);
  EXPECT_EQ(listed({"verbs", "configs"}).find("mpi_library"), std::string::npos);
  EXPECT_EQ(listed({}).find("mpi_library"), std::string::npos);
}

}  // namespace
}  // namespace deepfog
