#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "inference/link_set.hpp"

namespace deepfog {

/// Computes the stages of a node: NodeNetwork or CutNode in a rank, something simple in tests.
class StageEngine {
 public:
  virtual ~StageEngine() = default;
  /// Same contract as NodeNetwork::run.
  virtual bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                   std::vector<float>& output, const std::function<void()>& between) = 0;
};

/// The samples that the node's sensors deliver.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  /// Rows [first, first + rows) of one source of the topology: [rows, width], valid until the next call for
  /// the same source.
  virtual const float* rows(int source, std::int64_t first, std::int64_t rows) = 0;
};

/// The machine a node runs on, for failures that are carried out rather than simulated.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual void crash() = 0;                       ///< SIGKILL; in a simulation it returns
  virtual void hang(std::int64_t length_us) = 0;  ///< SIGSTOP, and SIGCONT after `length_us`
};

/// The last stage's result of a round.
struct Answer {
  std::int64_t round = 0, rows = 0;
  bool phi = false;               ///< Φ: nothing reached the last stage
  const float* scores = nullptr;  ///< [rows, classes]
  LinkSet used, timed_out;        ///< hyperconnections, over the whole network
  int waited_for = -1;            ///< the input of the last stage that arrived or timed out last; -1: none
  std::int64_t time_us = 0;
};
using AnswerSink = std::function<void(const Answer&)>;

}  // namespace deepfog
