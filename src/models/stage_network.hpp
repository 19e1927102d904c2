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

/// One tensor of the network under its name in Weights.
struct Parameter {
  std::string node, name;
  torch::Tensor tensor;
  bool learnt = true;  ///< false: stored with the weights, but not changed by gradients (LayerTensor)
};

/// Copies the values, in order, from any device.
Weights weights_of(const std::vector<Parameter>& parameters);

/// Copies the values in. Throws UserError, which names `where` and the first five mismatches.
void load_into(std::vector<Parameter>& parameters, const Weights& weights, const std::string& where);

/// How a stage is run. By default, rows leave at exits, as in a distributed run. If all rows are needed
/// everywhere (training, counting), exits return scores only and gates pass every row.
struct StageMode {
  bool leaving = true;
  bool training = false;  ///< batch norm uses the statistics of the rows at hand, and units drop out
  RandomStream* dropout = nullptr;  ///< draws the units that drop out
};

/// One stage: the aggregation of its inputs (deepFogGuard, Equation 1), then its layers. This is the only
/// implementation, both for a network in one process (Network) and for a single node (NodeNetwork).
class StageNetwork {
 public:
  /// Parameters are zero, in the order of Weights.
  /// @param stage  index into topology.stages()
  StageNetwork(const Topology& topology, int stage);

  /// Sets Glorot-uniform weights and zero biases.
  void initialise(RandomStream& stream);

  /// @param inputs   one per incoming hyperconnection, in the stage's order: [rows, width of the link];
  ///                 undefined for Φ
  /// @param between  called between layers; may be empty
  /// @return [rows, output_width], undefined if all inputs are Φ; may be one of the inputs itself
  /// In c10::InferenceMode, a single row is multiplied as a vector: this is four times as fast at 250 units,
  /// but sums in another order than without that mode. Behind an exit, rows may be absent (exit_rows.hpp);
  /// the present rows are computed together.
  torch::Tensor forward(c10::ArrayRef<torch::Tensor> inputs, const std::function<void()>& between,
                        StageMode mode = {}) const;

  /// See StageLayer.
  void clip();

  /// The threshold of an exit, NaN for any other stage. Stored as the tensor "<stage>.threshold".
  double threshold() const;
  void set_threshold(double threshold);

  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  /// How the vector of a hyperconnection is brought to the width of the expansion layer.
  struct Arrival {
    double weight = 1;
    Shape image{}, to{};  ///< shape of images that are pooled, and the shape they are pooled to
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
  std::vector<std::int64_t> widths_;  ///< one per incoming hyperconnection
  std::vector<bool> verdicts_;        ///< one per incoming hyperconnection
  std::vector<Shape> channels_last_;  ///< one per incoming hyperconnection: shape of images whose channels
                                      ///< come last, otherwise empty
  std::vector<Arrival> arrivals_;     ///< used by sums only
  std::vector<StageLayer> layers_;
  torch::Tensor threshold_;  ///< [1], for an exit
  std::vector<Parameter> parameters_;
};

}  // namespace deepfog
