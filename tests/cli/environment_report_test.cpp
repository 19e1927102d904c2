#include "cli/environment_report.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "cli/verb.hpp"

namespace deepfog {
namespace {

std::string seen(const std::map<std::string, std::string>& variables) {
  return launcher_seen([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(EnvironmentReport, TheLauncherByItsVariables) {
  EXPECT_EQ(seen({}), "none");
  EXPECT_EQ(seen({{"SLURM_JOB_ID", "7"}}), "none, Slurm job 7");
  EXPECT_EQ(seen({{"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}}),
            "srun, 4 tasks, Slurm job 7");
  EXPECT_EQ(seen({{"OMPI_COMM_WORLD_SIZE", "3"}}), "mpirun, 3 ranks");
  EXPECT_EQ(seen({{"OMPI_COMM_WORLD_SIZE", "3"}, {"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"}}),
            "mpirun, 3 ranks, Slurm job 7")
      << "mpirun starts its daemons with srun";
  EXPECT_EQ(seen({{"PMI_SIZE", "2"}}), "mpiexec, 2 ranks");
}

/// Every key with what its value looks like.
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
