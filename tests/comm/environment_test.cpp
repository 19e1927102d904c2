#include "comm/environment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "mpi_test.hpp"

namespace deepfog {
namespace {

TEST(LaunchMismatch, IsSilentWhenAllIsWell) {
  EXPECT_EQ(launch_mismatch(1, {}), "");
  EXPECT_EQ(launch_mismatch(4, {}), "");  // an unknown launcher
  EXPECT_EQ(launch_mismatch(4, {"srun", 2, 4, true}), "");
  EXPECT_EQ(launch_mismatch(4, {"mpirun", 0, 4, true}), "");
  EXPECT_EQ(launch_mismatch(8, {"srun", 1, 2, false}), "");  // mpirun's daemons are tasks of a step
}

TEST(LaunchMismatch, NamesSlurmWhenATaskIsAlone) {
  const std::string text = launch_mismatch(1, {"srun", 0, 4, true});
  EXPECT_NE(text.find("Slurm has 4 tasks"), std::string::npos) << text;
  EXPECT_NE(text.find("srun --mpi="), std::string::npos) << text;
}

TEST(LaunchMismatch, NamesMpirunOfAnotherLibrary) {
  const std::string text = launch_mismatch(1, {"mpirun", 1, 3, true});
  EXPECT_NE(text.find("mpirun started 3 processes"), std::string::npos) << text;
}

TEST(Environment, KnowsItsLibraryAndHost) {
  EXPECT_FALSE(mpi_library().empty());
  EXPECT_EQ(mpi_library().find('\n'), std::string::npos);
  EXPECT_EQ(mpi_library().find('\0'), std::string::npos);
  EXPECT_FALSE(host_name().empty());
}

TEST(Environment, ABrokenPipeIsAnErrorOfTheWrite) {
  ignore_broken_pipes();
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(close(ends[0]), 0);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(close(ends[1]), 0);
}

}  // namespace
}  // namespace deepfog
