#pragma once

#include <cstdint>
#include <vector>

#include "resilience/diagram.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Takes the place of a network: the output of a stage is the sum of its inputs, that of a source is 1, and
/// the accuracy of a class is its share of live paths. Averages thus have closed forms on trees, and a class
/// evaluated from wrong inputs is detected.
class PathCounter {
 public:
  explicit PathCounter(const Topology& topology) : topology_(topology), paths_(topology.stages().size()) {
    for (const Stage& stage : topology.stages()) all_.push_back(sum(stage, [&](int s) { return all_[s]; }));
    for (auto& classes : paths_) classes.push_back(0);  // Φ
  }

  /// Has the signature of EvaluateClasses; keeps earlier results and checks that nothing is evaluated twice.
  std::vector<double> operator()(const std::vector<StageClasses>& stages,
                                 const std::vector<std::int64_t>& known) {
    ++calls;
    for (std::size_t s = 0; s < stages.size(); ++s) {
      const Stage& stage = topology_.stages()[s];
      if (known[s] + 1 != static_cast<std::int64_t>(paths_[s].size())) ++misfits;
      for (std::int64_t c = known[s]; c < stages[s].count; ++c) {
        const std::int32_t* input = stages[s].inputs.data() + c * stage.incoming.size();
        paths_[s].push_back(sum(
            stage, [&](int from) { return paths_[from].at(*input); }, &input));
      }
    }
    std::vector<double> accuracies;
    for (std::int64_t c = known.back(); c < stages.back().count; ++c) {
      accuracies.push_back(paths_.back()[c + 1] / all_.back());
    }
    return accuracies;
  }

  int calls = 0, misfits = 0;

 private:
  template <typename Value>
  double sum(const Stage& stage, Value value, const std::int32_t** input = nullptr) const {
    double total = 0;
    for (const int link : stage.incoming) {
      const int from = topology_.hyperconnections()[link].from;
      total += topology_.is_source(from) ? 1.0 : value(topology_.stage_of(from));
      if (input != nullptr) ++*input;
    }
    return total;
  }

  const Topology& topology_;
  std::vector<std::vector<double>> paths_;  ///< [stage][class]
  std::vector<double> all_;                 ///< [stage]
};

}  // namespace deepfog
