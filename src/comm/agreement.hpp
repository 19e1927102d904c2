#pragma once

#include <functional>
#include <string>

#include "comm/communicator.hpp"

namespace deepfog {

/// Runs `on_root` on the root only; its text is returned on every rank. When it throws, every rank throws the
/// same: UserError stays UserError, anything else becomes Failure. Collective.
std::string agree(const Communicator& communicator, const std::function<std::string()>& on_root, int root = 0,
                  const Deadline& deadline = collective_deadline());

}  // namespace deepfog
