#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "models/cut_network.hpp"

namespace deepfog {

/// A network cut into layers that can be differentiated, with respect to the gathered inputs of its layers
/// and to the weights of its products. All neurons everywhere. It reads the weights where they are: they must
/// outlive it.
class ScoredNetwork {
 public:
  /// Throws UserError naming `where` and the first mismatches.
  ScoredNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where);

  const CutPlan& plan() const { return plan_; }
  int layers() const { return static_cast<int>(plan_.layers.size()); }

  /// Of the product alone, as in the state dict: [neurons, ...] and [neurons].
  const at::Tensor& weight(int layer) const { return tensors_[static_cast<std::size_t>(layer)].product[0]; }
  const at::Tensor& bias(int layer) const { return tensors_[static_cast<std::size_t>(layer)].product[1]; }

  /// Whether the weights of the products have derivatives.
  void differentiate_weights(bool wanted);

  /// @param inputs  the gathered input of `layer`, and of the layer that is added if there is one
  at::Tensor run(int layer, const std::vector<at::Tensor>& inputs) const;

  /// The gathered inputs of all layers and, last, the scores [images, classes].
  std::vector<at::Tensor> trace(const at::Tensor& images) const;

  /// Scores when the gathered input of `layer` is another one.
  /// @param kept  gathered input of an earlier layer, with as many rows
  at::Tensor scores_from(int layer, const at::Tensor& gathered,
                         const std::function<at::Tensor(int)>& kept) const;

  /// Values of activations that a backward pass of one image keeps, about; of one layer and what it reads.
  std::int64_t values_per_image() const;
  std::int64_t largest_layer_values(int from) const;

 private:
  struct Tensors {
    std::vector<at::Tensor> product;
    std::vector<std::vector<at::Tensor>> before, folded;  ///< of each step
  };
  at::Tensor prepared(int layer, const at::Tensor& gathered) const;
  at::Tensor multiplied(int layer, const at::Tensor& x) const;

  CutPlan plan_;
  std::vector<Tensors> tensors_;
};

}  // namespace deepfog
