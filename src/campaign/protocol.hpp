#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "campaign/large_diagram.hpp"
#include "campaign/task.hpp"
#include "comm/tagged_message.hpp"
#include "evaluation/sweep.hpp"
#include "topology/weights.hpp"
#include "training/trainer.hpp"

/// What workers and the coordinator on rank 0 say to each other. The answer to a claim tells the claimer,
/// too, that everything it sent before is durable.
namespace deepfog::said {

// worker to coordinator
struct Claim {
  std::optional<RunKey> held;  ///< the run whose weights the worker has at hand
};
struct Trained {
  std::int32_t task = 0;
  TrainedModel model;
};
struct Swept {
  std::int32_t task = 0;
  SweepCounts counts;
  double seconds = 0;
};
struct Bounded {
  std::int32_t task = 0;
  LargeDiagramResult result;
  double seconds = 0;
};
struct Epoch {
  std::int32_t task = 0;
  std::int64_t epoch = 0;
  double loss = 0, validation_accuracy = 0;
};
struct Failed {
  std::int32_t task = -1;  ///< -1: not at any task
  std::string text;
  TaskFailure kind = TaskFailure::rank;
};
struct Signalled {
  std::int32_t signal = 0;
};
struct Stopped {};  ///< the worker's last word

// coordinator to worker
struct Assignment {
  std::int32_t task = 0;
  Task what;
  std::optional<Weights> weights;  ///< of a sweep, when the worker has them not
};
struct Stop {};

// both ways
struct Alive {};

using Word =
    std::variant<Claim, Trained, Swept, Bounded, Epoch, Failed, Signalled, Stopped, Assignment, Stop, Alive>;

Bytes encode(const Word& word);

/// Throws Failure naming `from` on anything encode() has not made.
Word decode(const Bytes& bytes, const std::string& from);

}  // namespace deepfog::said
