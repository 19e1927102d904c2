#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "resilience/diagram.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// Evaluates one sample at a time in double precision, by classes of the failure diagram: it decides the rows
/// that are close in single precision. It is slow and seldom needed.
class ExactNetwork {
 public:
  /// Keeps references; `weights` are in the order of the topology (NetworkImpl::weights()).
  ExactNetwork(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
               const std::vector<StageClasses>& classes);

  /// Sets the next sample, [features], and discards the results for the previous one.
  void set_sample(const float* sample);

  /// Scores of a class (>= 1) of the last stage for the sample: [classes].
  const std::vector<double>& scores(std::int32_t last_class);

 private:
  const std::vector<double>& output(int stage, std::int32_t stage_class);
  std::vector<double> gather(int stage, std::int32_t stage_class);

  const Topology& topology_;
  const std::vector<Columns>& columns_;
  const Weights& weights_;
  const std::vector<StageClasses>& classes_;
  std::vector<std::size_t>
      first_tensor_;  ///< per stage: expansions in link order, then weight and bias per layer
  const float* sample_ = nullptr;
  std::map<std::pair<int, std::int32_t>, std::vector<double>> known_;
};

}  // namespace deepfog
