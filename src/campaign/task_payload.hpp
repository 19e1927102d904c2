#pragma once

#include <optional>
#include <string>
#include <variant>

#include "campaign/large_diagram.hpp"
#include "campaign/task.hpp"
#include "comm/tagged_message.hpp"
#include "evaluation/sweep.hpp"
#include "topology/weights.hpp"
#include "training/trainer.hpp"

/// What tasks of a campaign are made of and what they yield, as bytes that the scheduler passes on unread.
namespace deepfog::payload {

struct Assignment {
  Task what;
  std::int32_t training = -1;      ///< the task whose weights it takes; itself for a training
  std::optional<Weights> weights;  ///< of a sweep or of bounds, unless the worker has them
};

struct Swept {
  SweepCounts counts;
  double seconds = 0;
};

struct Bounded {
  LargeDiagramResult result;
  double seconds = 0;
};

using Result = std::variant<TrainedModel, Swept, Bounded>;

Bytes encode(const Assignment& assignment);
Bytes encode(const Result& result);

/// Throw Failure naming `from` on anything encode() has not made.
Assignment decode_assignment(const Bytes& bytes, const std::string& from);
Result decode_result(const Bytes& bytes, const std::string& from);

}  // namespace deepfog::payload
