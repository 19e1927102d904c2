#include "core/launch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace deepfog {
namespace {

using Variables = std::map<std::string, std::string>;
using Line = std::vector<Surroundings::Process>;

const Line alone{{30, "deepfog"}, {20, "bash"}, {10, "sshd"}};

/// @param server  whether PMIx servers accept connections
Surroundings with(const Variables& variables, const Line& line, bool server = false) {
  return {variables, line, [=](const std::string&) { return server; }, [](int) { return false; }};
}

const Variables of_mpirun{{"OMPI_COMM_WORLD_RANK", "2"},
                          {"OMPI_COMM_WORLD_SIZE", "4"},
                          {"OMPI_MCA_ess", "^singleton"},
                          {"PMIX_NAMESPACE", "7"},
                          {"PMIX_RANK", "2"},
                          {"PMIX_SERVER_URI4", "7.0;tcp4://127.0.0.1:9"}};
const Variables of_srun{{"SLURM_PROCID", "3"},   {"SLURM_NTASKS", "8"}, {"SLURM_STEP_NUM_TASKS", "8"},
                        {"SLURM_STEPID", "0"},   {"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"},
                        {"SLURM_TASK_PID", "20"}};

void expect_launch(const Surroundings& seen, const Launch& expected) {
  const Launch launch = find_launch(seen);
  EXPECT_EQ(launch.by, expected.by);
  EXPECT_EQ(launch.rank, expected.rank);
  EXPECT_EQ(launch.size, expected.size);
  EXPECT_EQ(launch.direct, expected.direct);
}

TEST(Launch, LeftoversAreNone) {
  const std::vector<Variables> leftovers{
      of_mpirun,
      {{"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "8"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_TASK_PID", "99"}},
      {{"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}, {"SLURM_TASK_PID", "20"}},  // a batch script
      {{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}, {"PMI_FD", "9"}},
      {{"PMIX_RANK", "1"}, {"PMIX_NAMESPACE", "x"}},
      {{"MV2_COMM_WORLD_RANK", "1"}, {"MV2_COMM_WORLD_SIZE", "2"}},
      {{"FLUX_TASK_RANK", "1"}, {"FLUX_JOB_ID", "f"}},
      {{"PALS_RANKID", "3"}, {"PBS_TASKNUM", "2"}, {"LSF_PM_TASKID", "2"}}};
  for (const Variables& variables : leftovers) expect_launch(with(variables, alone), {});
}

TEST(Launch, ALivingLauncherCounts) {
  const Line below{{30, "deepfog"}, {20, "orted"}, {10, "slurmstepd"}};
  expect_launch(with(of_mpirun, below, true), {"mpirun", 2, 4, true});
  expect_launch(with(of_mpirun, {{30, "deepfog"}, {20, "bash"}, {10, "mpirun"}}, true),
                {"mpirun", 2, 4, false});
  expect_launch(with(of_srun, {{20, "deepfog"}, {10, "slurmstepd"}}), {"srun", 3, 8, true});
  expect_launch(with(of_srun, {{30, "deepfog"}, {20, "bash"}, {10, "slurmstepd"}}), {"srun", 3, 8, false});
  expect_launch(with({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}, {{30, "deepfog"}, {20, "hydra_pmi_proxy"}}),
                {"mpiexec", 1, 2, true});
}

TEST(Launch, AnInteractiveShellOfAStepIsNone) {
  Variables shell = of_srun;
  shell["SLURM_PTY_PORT"] = "4711";
  expect_launch(with(shell, alone), {});
  shell = of_srun;
  shell["SLURM_STEP_NUM_TASKS"] = "1";  // the shell of salloc runs in a step of its own; SLURM_NTASKS is that
                                        // of the allocation
  expect_launch(with(shell, alone), {});
}

TEST(Launch, NumbersThatMakeNoSenseAreNone) {
  for (const char* rank : {"", "-1", "8", "x", "99999999999"}) {
    Variables odd = of_srun;
    odd["SLURM_PROCID"] = rank;
    expect_launch(with(odd, {{20, "deepfog"}}), {});
  }
}

bool stale(const Surroundings& seen, const std::string& name) {
  const auto names = stale_launch_variables(seen);
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(Launch, WhatTheLibraryWouldFollowIsStaleUnlessItsLauncherLives) {
  Variables all = of_mpirun;
  all.insert(of_srun.begin(), of_srun.end());
  all.insert({{"FLUX_JOB_ID", "f"}, {"PMI_FD", "9"}, {"OMPI_MCA_pml", "ob1"}, {"PMIX_MCA_gds", "hash"}});
  all["SLURM_TASK_PID"] = "99";
  const Surroundings left = with(all, alone);
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "OMPI_MCA_ess", "PMIX_NAMESPACE", "PMIX_SERVER_URI4",
                           "SLURM_STEP_ID", "SLURM_STEPID", "FLUX_JOB_ID", "PMI_FD"})
    EXPECT_TRUE(stale(left, name)) << name;
  for (const char* name : {"OMPI_MCA_pml", "PMIX_MCA_gds", "SLURM_JOB_ID"})
    EXPECT_FALSE(stale(left, name)) << name;
  EXPECT_TRUE(stale_launch_variables(with(all, alone, true)).empty());
  EXPECT_TRUE(stale_launch_variables(with(all, {})).empty()) << "without /proc";
  EXPECT_FALSE(stale(with(of_srun, {{20, "deepfog"}}), "SLURM_STEP_ID"));
  EXPECT_FALSE(stale(with({{"FLUX_JOB_ID", "f"}}, {{30, "deepfog"}, {20, "flux-shell"}}), "FLUX_JOB_ID"));
}

TEST(Launch, ThisProcessHasALineAndNoServerBehindAClosedPort) {
  const Surroundings seen = surroundings();
  ASSERT_GE(seen.line.size(), 2U);
  EXPECT_EQ(seen.line[0].id, static_cast<long>(getpid()));
  EXPECT_FALSE(seen.answers("1.0;tcp4://127.0.0.1:1"));
  EXPECT_TRUE(seen.answers("a form that nobody knows"));
  EXPECT_FALSE(seen.is_open(999));
}

}  // namespace
}  // namespace deepfog
