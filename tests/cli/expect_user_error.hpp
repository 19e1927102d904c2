#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"

/// Expects the whole line that the user reads.
#define EXPECT_USER_ERROR(statement, line)      \
  try {                                         \
    statement;                                  \
    ADD_FAILURE() << "no error: " #statement;   \
  } catch (const deepfog::UserError& error) {   \
    EXPECT_EQ(std::string(error.what()), line); \
  }
