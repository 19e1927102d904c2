#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/deadline.hpp"

namespace deepfog {

/// A group of ranks that talk among themselves only. Must die before the Environment.
class Communicator {
 public:
  /// All ranks of the job; collective. The one place that knows MPI_COMM_WORLD.
  static Communicator world();
  static Communicator self();      ///< this rank alone
  Communicator duplicate() const;  ///< collective
  Communicator(Communicator&&) noexcept;
  ~Communicator();

  int rank() const;
  int size() const;
  int rank_on_host() const;  ///< number of this rank among those that share its memory; collective

  struct Handle;
  Handle& handle() const { return *handle_; }

 private:
  explicit Communicator(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

/// How long a rank waits for the others in a collective call unless told otherwise. Failure afterwards.
constexpr std::chrono::minutes collective_timeout{10};
inline Deadline collective_deadline() {
  return Deadline::in(collective_timeout);
}

void barrier(const Communicator& communicator, const Deadline& deadline = collective_deadline());

/// The root's text on every rank.
std::string broadcast(const Communicator& communicator, const std::string& text, int root = 0,
                      const Deadline& deadline = collective_deadline());

/// Every rank's text, by rank, on the root; empty elsewhere.
std::vector<std::string> gather(const Communicator& communicator, const std::string& text, int root = 0,
                                const Deadline& deadline = collective_deadline());

}  // namespace deepfog
