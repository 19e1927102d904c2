#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "models/cut_network.hpp"

namespace deepfog {

/// A cut network that can be differentiated with respect to the gathered inputs of its layers and to the
/// weights of its products. It holds all neurons. It reads the weights in place, so they must outlive it.
class ScoredNetwork {
 public:
  /// Throws UserError, which names `where` and the first mismatches.
  ScoredNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where);

  const CutPlan& plan() const { return plan_; }
  int layers() const { return static_cast<int>(plan_.layers.size()); }

  /// The weight and bias of the product only, as in the state dict: [neurons, ...] and [neurons].
  const at::Tensor& weight(int layer) const { return tensors_[static_cast<std::size_t>(layer)].product[0]; }
  const at::Tensor& bias(int layer) const { return tensors_[static_cast<std::size_t>(layer)].product[1]; }

  /// Whether derivatives with respect to the weights of the products are computed.
  void differentiate_weights(bool wanted);

  /// @param inputs  must contain the gathered input of `layer` and of the layer that is added, if there is
  ///                one
  at::Tensor run(int layer, const std::vector<at::Tensor>& inputs) const;

  /// The gathered inputs of all layers, followed by the scores [images, classes].
  std::vector<at::Tensor> trace(const at::Tensor& images) const;

  /// The scores if the gathered input of `layer` is replaced.
  /// @param kept  returns the gathered input of an earlier layer, with as many rows
  at::Tensor scores_from(int layer, const at::Tensor& gathered,
                         const std::function<at::Tensor(int)>& kept) const;

  /// About how many activation values a backward pass keeps per image, and the largest number that one layer
  /// from `from` on and its input have.
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
