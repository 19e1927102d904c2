#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// One tensor that is learnt, under the name that it has in Weights.
struct Parameter {
  std::string node, name;
  torch::Tensor tensor;
};

/// Copies out, in order.
Weights weights_of(const std::vector<Parameter>& parameters);

/// Copies in. Throws UserError naming `where` and the first five mismatches.
void load_into(std::vector<Parameter>& parameters, const Weights& weights, const std::string& where);

/// One stage: the sum of what arrived (deepFogGuard, Equation 1), then its layers. The one implementation for
/// a network in one process (Network) and for a node that works alone (NodeNetwork).
class StageNetwork {
 public:
  /// Parameters of zeros, in the order of Weights.
  /// @param stage  index into topology.stages()
  StageNetwork(const Topology& topology, int stage);

  /// Glorot-uniform weights and zero biases.
  void initialise(RandomStream& stream);

  /// @param inputs   one an incoming hyperconnection, in the stage's order: [rows, width of the link];
  ///                 undefined: Φ
  /// @param between  called between layers; may be empty
  /// @return [rows, output_width], undefined when all inputs are Φ. May be one of the inputs itself.
  /// In c10::InferenceMode a row alone is multiplied as a vector: four times as fast at 250 units, summed in
  /// another order than without that mode.
  torch::Tensor forward(c10::ArrayRef<torch::Tensor> inputs, const std::function<void()>& between) const;

  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  /// How the vector of a hyperconnection reaches the width of the expansion layer.
  struct Arrival {
    double weight = 1;
    std::int64_t padding = 0;
    torch::Tensor map;  ///< [expansion width, width]; undefined for padding
    torch::Tensor expand(const torch::Tensor& vector) const;
  };
  struct Dense {
    torch::Tensor weight, bias;  ///< [out, in], [out]
    bool relu = false;
  };
  torch::Tensor add_parameter(const Topology& topology, const Stage& stage, const std::string& name,
                              const std::vector<std::int64_t>& shape);
  torch::Tensor gather(c10::ArrayRef<torch::Tensor> inputs) const;

  std::vector<Arrival> arrivals_;
  std::vector<Dense> layers_;
  std::vector<Parameter> parameters_;
};

}  // namespace deepfog
