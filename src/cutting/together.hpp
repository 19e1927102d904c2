#pragma once

#include <functional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"

namespace deepfog {

/// Runs `part` on every rank and waits for all: what one of them throws, the first by rank, all throw, as
/// UserError, Failure or Interrupted. Collective.
void part_together(const Communicator& world, const std::function<void()>& part);

/// Every rank's bytes, by rank, on every rank. Collective.
std::vector<std::vector<char>> all_bytes(const Communicator& world, const std::vector<char>& bytes);

}  // namespace deepfog
