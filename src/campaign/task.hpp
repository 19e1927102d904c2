#pragma once

#include <cstdint>
#include <tuple>

namespace deepfog {

/// One run of one model of one experiment: indices into the campaign's lists.
struct RunKey {
  std::int32_t experiment = 0, model = 0;
  std::int64_t run = 0;
};
inline bool operator==(const RunKey& a, const RunKey& b) {
  return a.experiment == b.experiment && a.model == b.model && a.run == b.run;
}
inline bool operator<(const RunKey& a, const RunKey& b) {
  return std::tie(a.experiment, a.model, a.run) < std::tie(b.experiment, b.model, b.run);
}

/// `bounds` is the one task that a model whose failure diagram is too large has instead of its sweeps.
enum class TaskKind : std::uint8_t { training = 0, sweep = 1, bounds = 2 };

/// The piece of work that is claimed, done and made durable as a whole.
struct Task {
  TaskKind kind = TaskKind::training;
  RunKey key;
  std::int64_t begin = 0, end = 0;  ///< test samples of a sweep
  double cost = 0;            ///< estimated floating-point operations, for the order of claims and the ETA
  std::int32_t trained = -1;  ///< model whose training a sweep takes its weights from; -1: its own
  RunKey weights_key() const { return {key.experiment, trained < 0 ? key.model : trained, key.run}; }
};

}  // namespace deepfog
