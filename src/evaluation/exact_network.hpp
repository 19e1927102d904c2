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

/// One sample at a time in double precision, by classes of the failure diagram: decides the rows that single
/// precision leaves close. Slow and seldom needed.
class ExactNetwork {
 public:
  /// References are kept; `weights` in the order of the topology (NetworkImpl::weights()).
  ExactNetwork(const Topology& topology, const std::vector<Columns>& columns, const Weights& weights,
               const std::vector<StageClasses>& classes);

  /// Next sample [features]; forgets what was computed for the last one.
  void set_sample(const float* sample);

  /// Scores of the last stage's class (>= 1) for the sample: [classes].
  const std::vector<double>& scores(std::int32_t last_class);

 private:
  const std::vector<double>& output(int stage, std::int32_t stage_class);
  std::vector<double> gather(int stage, std::int32_t stage_class);

  const Topology& topology_;
  const std::vector<Columns>& columns_;
  const Weights& weights_;
  const std::vector<StageClasses>& classes_;
  std::vector<std::size_t>
      first_tensor_;  ///< of each stage: expansions in link order, then weight and bias a layer
  const float* sample_ = nullptr;
  std::map<std::pair<int, std::int32_t>, std::vector<double>> known_;
};

}  // namespace deepfog
