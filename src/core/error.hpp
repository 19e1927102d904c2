#pragma once

#include <stdexcept>
#include <string>

namespace deepfog {

/// Exit codes of the program; job scripts rely on them.
enum class ExitCode { good = 0, failed = 1, bad_input = 2, invalid = 3, interrupted = 75 };

/// The user's input is wrong. The message is one line that says where, what, and what is allowed. Exit code
/// 2.
class UserError : public std::runtime_error {
 public:
  /// @param where   file:line, file:object, option or key
  /// @param what    what is wrong there
  /// @param allowed what would be valid; may be empty
  UserError(const std::string& where, const std::string& what, const std::string& allowed = "")
      : std::runtime_error(where + ": " + what + (allowed.empty() ? "" : " (" + allowed + ")")) {}
};

/// Something other than the user's input failed: a full disk, a library call, a lost rank. Exit code 1.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& what) : std::runtime_error(what) {}
};

}  // namespace deepfog
