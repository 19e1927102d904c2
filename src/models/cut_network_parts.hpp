#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/cut_network.hpp"
#include "models/cut_network_selection.hpp"

namespace deepfog {

/// The indices 0, 1, ... size - 1.
Neurons all_of(std::int64_t size);

/// A copy of the indices as a tensor.
at::Tensor index_of(const Neurons& ids);

/// The data and functions of a CutNetwork.
struct CutNetwork::Parts {
  struct Layer {
    Neurons held;
    at::Tensor weight;  ///< convolution [held, inputs, kernel, kernel]; linear [held, inputs, pixels of one]
    at::Tensor bias;    ///< [held]
    std::vector<std::vector<at::Tensor>> norms;  ///< the tensors of each step before the product
    at::Tensor channels;  ///< coded depthwise layer: the channels that each neuron reads
  };

  /// @param sources  tensors by name, with one row per held neuron
  void build(const std::map<std::string, at::Tensor>& sources, const std::vector<Neurons>& held);
  void fold(Layer& layer, const CutSteps& steps, const std::map<std::string, at::Tensor>& sources) const;
  [[noreturn]] void refuse(int layer, const std::string& what) const;
  void check_input(int layer, const at::Tensor& gathered) const;
  Neurons places(int layer, const Neurons& neurons) const;
  at::Tensor prepared(int layer, const at::Tensor& gathered) const;
  at::Tensor selected(int layer, const Neurons& neurons, const Neurons& live) const;
  at::Tensor product(int layer, const at::Tensor& gathered, const Neurons& neurons,
                     const Neurons& live) const;
  at::Tensor multiply(int layer, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      std::int64_t groups) const;
  at::Tensor finish(int layer, at::Tensor x, const Neurons& neurons, const at::Tensor& residual) const;
  at::Tensor nothing(std::int64_t rows, const std::vector<std::int64_t>& pixels) const;

  CutPlan plan;
  std::vector<Layer> layers;
  bool coded = false;
  std::unique_ptr<SelectionCache> cache = std::make_unique<SelectionCache>();
};

}  // namespace deepfog
