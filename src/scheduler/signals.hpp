#pragma once

#include <csignal>
#include <string>

namespace deepfog {

/// While it lives, USR1, TERM, INT and HUP are noted instead of ending the process; HUP only where it is not
/// ignored, as nohup has it. A second signal of a kind does what it did before.
class SignalWatch {
 public:
  /// @param notice  a line for standard error that the first signal writes at once: after TERM from mpirun
  /// there may be no time for another; empty: none
  explicit SignalWatch(const std::string& notice = "");
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  int received() const;  ///< the last one, 0 when none came

 private:
  struct sigaction before_[4];
};

}  // namespace deepfog
