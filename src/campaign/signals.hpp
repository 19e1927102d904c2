#pragma once

#include <csignal>

namespace deepfog {

/// While it lives, USR1, TERM and INT are noted instead of ending the process. A second signal of a kind does
/// what it did before.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  int received() const;  ///< the last one, 0 when none came

 private:
  struct sigaction before_[3];
};

}  // namespace deepfog
