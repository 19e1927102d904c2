#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/deadline.hpp"

namespace deepfog {

/// A group of ranks that communicate only with each other. Must be destroyed before the Environment.
class Communicator {
 public:
  /// All ranks of the job; collective. The only function that uses MPI_COMM_WORLD.
  static Communicator world();
  static Communicator self();      ///< this rank alone
  Communicator duplicate() const;  ///< collective
  Communicator(Communicator&&) noexcept;
  ~Communicator();

  int rank() const;
  int size() const;
  int rank_on_host() const;  ///< index of this rank among those that share its memory; collective

  struct Handle;
  Handle& handle() const { return *handle_; }

 private:
  explicit Communicator(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

/// How long a rank waits by default for the others in a collective call. Throws Failure afterwards.
constexpr std::chrono::minutes collective_timeout{10};
inline Deadline collective_deadline() {
  return Deadline::in(collective_timeout);
}

void barrier(const Communicator& communicator, const Deadline& deadline = collective_deadline());

/// Returns the root's text on every rank.
std::string broadcast(const Communicator& communicator, const std::string& text, int root = 0,
                      const Deadline& deadline = collective_deadline());

/// Returns the texts of all ranks, in rank order, on the root; empty on the others.
std::vector<std::string> gather(const Communicator& communicator, const std::string& text, int root = 0,
                                const Deadline& deadline = collective_deadline());

}  // namespace deepfog
