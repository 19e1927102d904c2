#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "comm/tagged_message.hpp"
#include "scheduler/task_graph.hpp"

/// What workers and the coordinator on rank 0 say to each other. The answer to a claim tells the claimer,
/// too, that everything it sent before is durable.
namespace deepfog::protocol {

// worker to coordinator
struct Claim {
  std::int32_t at_hand = -1;  ///< the task whose result the worker has; -1: none
};
struct Result {
  std::int32_t task = 0;
  Bytes payload;  ///< TaskRunner::run()
};
struct Progress {
  std::int32_t task = 0;
  double part = 0;  ///< of the task that is done, 0 to 1
  std::string note;
};
struct Failed {
  std::int32_t task = -1;  ///< -1: not at any task
  std::string text;
  TaskFailure kind = TaskFailure::rank;
};
struct Signalled {
  std::int32_t signal = 0;
};
struct Stopped {};  ///< the worker's last message

// coordinator to worker
struct Assignment {
  std::int32_t task = 0;
  Bytes payload;  ///< TaskGraph::assignment()
};
struct Stop {};

// both ways
struct Alive {};

using Message = std::variant<Claim, Result, Progress, Failed, Signalled, Stopped, Assignment, Stop, Alive>;

Bytes encode(const Message& message);

/// Throws Failure naming `from` on anything encode() has not made.
Message decode(const Bytes& bytes, const std::string& from);

/// The kind of a message, its place in the variant, from the header alone. Throws as decode().
std::size_t kind_of(const Bytes& bytes, const std::string& from);

/// Whether kind_of() is this one.
template <class Kind>
bool is(const Bytes& bytes, const std::string& from) {
  return kind_of(bytes, from) == Message(Kind{}).index();
}

}  // namespace deepfog::protocol
