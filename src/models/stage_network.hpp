#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/stage_layer.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// One tensor of the network, under the name that it has in Weights.
struct Parameter {
  std::string node, name;
  torch::Tensor tensor;
  bool learnt = true;  ///< false: kept with the weights, but no gradient moves it (LayerTensor)
};

/// Copies out, in order, from whatever device they are on.
Weights weights_of(const std::vector<Parameter>& parameters);

/// Copies in. Throws UserError naming `where` and the first five mismatches.
void load_into(std::vector<Parameter>& parameters, const Weights& weights, const std::string& where);

/// How a stage is run. By default rows leave at exits, as in a distributed run. Where all rows are wanted
/// everywhere (training, counting), exits give scores alone and gates pass everything.
struct StageMode {
  bool leaving = true;
  bool training = false;            ///< batch norm by the rows at hand; units drop out
  RandomStream* dropout = nullptr;  ///< what says which do
};

/// One stage: the aggregation of what arrived (deepFogGuard, Equation 1), then its layers. The one
/// implementation for a network in one process (Network) and for a node that works alone (NodeNetwork).
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
  /// Behind an exit rows may be absent (exit_rows.hpp); those that are there are computed together.
  torch::Tensor forward(c10::ArrayRef<torch::Tensor> inputs, const std::function<void()>& between,
                        StageMode mode = {}) const;

  /// See StageLayer.
  void clip();

  /// Of an exit, and NaN for any other stage. Kept as the tensor "<stage>.threshold".
  double threshold() const;
  void set_threshold(double threshold);

  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  /// How the vector of a hyperconnection reaches the width of the expansion layer.
  struct Arrival {
    double weight = 1;
    Shape image{}, to{};  ///< of images that are pooled, and the height and width they are pooled to
    std::int64_t padding = 0;
    torch::Tensor map;  ///< [expansion width, width]; undefined for padding
    torch::Tensor expand(const torch::Tensor& vector) const;
  };
  torch::Tensor add_parameter(const Topology& topology, const Stage& stage, const LayerTensor& tensor);
  torch::Tensor sum(c10::ArrayRef<torch::Tensor> inputs, StageMode mode) const;
  double weight_of_all() const;
  std::vector<torch::Tensor> channels_first(c10::ArrayRef<torch::Tensor> inputs) const;
  torch::Tensor gather(c10::ArrayRef<torch::Tensor> inputs, StageMode mode) const;
  torch::Tensor through_layers(torch::Tensor x, const std::function<void()>& between, StageMode mode) const;
  torch::Tensor present_rows(c10::ArrayRef<torch::Tensor> inputs, const std::function<void()>& between,
                             StageMode mode) const;

  Aggregation aggregation_ = Aggregation::add;
  bool partial_ = false, last_exit_ = false, reorders_ = false;
  std::int64_t output_width_ = 0;
  std::vector<std::int64_t> widths_;  ///< an incoming hyperconnection
  std::vector<bool> verdicts_;        ///< likewise
  std::vector<Shape> channels_last_;  ///< likewise: of images whose channels stand last, else empty
  std::vector<Arrival> arrivals_;     ///< of sums
  std::vector<StageLayer> layers_;
  torch::Tensor threshold_;  ///< [1] of an exit
  std::vector<Parameter> parameters_;
};

}  // namespace deepfog
