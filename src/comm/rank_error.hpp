#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "comm/communicator.hpp"
#include "core/error.hpp"

namespace deepfog {

/// An error as a value that is passed from the rank that threw it to all others.
struct RankError {
  enum class Kind : std::uint8_t { user, failure };
  Kind kind = Kind::failure;
  int rank = 0;      ///< where it was thrown
  std::string text;  ///< its what()

  ExitCode code() const { return kind == Kind::user ? ExitCode::bad_input : ExitCode::failed; }
  [[noreturn]] void raise() const;  ///< throws UserError or Failure with this text
};

/// Runs `part` on this rank alone. A UserError becomes an error of kind user, any other exception a failure.
std::optional<RankError> error_of(const Communicator& communicator, const std::function<void()>& part);

/// The error of the lowest rank that has one, on every rank; nothing if no rank has one. Collective.
std::optional<RankError> first_error(const Communicator& communicator, const std::optional<RankError>& own,
                                     const Deadline& deadline = collective_deadline());

/// Runs `on_root` on the root only; its text is returned on every rank. If it throws, every rank throws the
/// same: UserError stays UserError, anything else becomes Failure. Collective.
std::string agree(const Communicator& communicator, const std::function<std::string()>& on_root, int root = 0,
                  const Deadline& deadline = collective_deadline());

}  // namespace deepfog
