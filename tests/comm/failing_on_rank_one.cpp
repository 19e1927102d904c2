// Fails on rank 1 only, in the way that DEEPFOG_TEST_FAILURE names: the test of mpi_main.cpp itself.

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "mpi_test.hpp"

namespace deepfog {
namespace {

TEST(MpiMain, SeesAFailureOnRankOne) {
  const char* chosen = std::getenv("DEEPFOG_TEST_FAILURE");
  const std::string kind = chosen == nullptr ? "none" : chosen;
  const bool one = test_world().rank() == 1;
  if (kind == "expect") {
    EXPECT_FALSE(one) << "expected failure";
  }
  if (kind == "assert") {
    ASSERT_FALSE(one) << "expected failure";
  }
  if (kind == "throw" && one) throw std::runtime_error("expected failure");
  barrier(test_world());
}

}  // namespace
}  // namespace deepfog
