#pragma once

#include "comm/communicator.hpp"

namespace deepfog {

/// All ranks of the test program. The main() of mpi_main.cpp keeps its own duplicate for its verdict.
Communicator& test_world();

}  // namespace deepfog
