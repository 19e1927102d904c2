#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "resilience/combination.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A partitioned network as one LibTorch module: a function of its inputs and of a failure combination.
/// Training (failout draws the combination), the sweep (all of them) and the tests call the same forward().
class NetworkImpl : public torch::nn::Module {
 public:
  /// @param columns  where each source of the topology stands in the samples (match_sources)
  NetworkImpl(const Topology& topology, const std::vector<Columns>& columns);

  /// Glorot-uniform weights and zero biases (Keras' default, which the authors of deepFogGuard used), drawn
  /// from `seed` alone. On the camera data He-uniform, twice as wide, halves what skip hyperconnections gain.
  void initialise(std::uint64_t seed);

  /// @param samples [batch, features]
  /// @return scores [batch, classes], or an undefined tensor: Φ at the last stage, the class is guessed.
  torch::Tensor forward(const torch::Tensor& samples, Combination combination);

  Weights weights() const;

  /// Throws UserError naming `where` and the first five mismatches.
  void load(const Weights& weights, const std::string& where);

  const Topology& topology() const { return topology_; }

 private:
  torch::Tensor gather(const Stage& stage, const std::vector<torch::Tensor>& vertex);
  torch::Tensor arriving(int link, const torch::Tensor& vector);
  void add_parameter(const Stage& stage, const std::string& name, std::vector<std::int64_t> shape);

  struct Dense {
    torch::Tensor weight, bias;  ///< [out, in], [out]
    bool relu = false;
  };
  struct Parameter {
    std::string node, name;
    torch::Tensor tensor;
  };
  Topology topology_;
  std::vector<Columns> columns_;
  std::vector<std::vector<Dense>> layers_;  ///< a stage
  std::vector<torch::Tensor> expansions_;   ///< a hyperconnection; undefined for padding
  std::vector<Parameter> parameters_;       ///< in the order of Weights
};
TORCH_MODULE(Network);

}  // namespace deepfog
