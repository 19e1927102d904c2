#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A network whose layers are computed for a set of neurons at a time: a device computes its own neurons, a
/// simulation those that any live device holds. Batch norm and layer scale are folded into the weights. The
/// *gathered* input of a layer has the full shape, [rows, inputs, height, width] or [rows, inputs], with
/// zeros in dead channels. Results for different sets of neurons or live channels agree up to rounding, not
/// bit for bit. Several threads may call all functions at once. They throw Failure for neurons that are not
/// held and for shapes that do not fit.
class CutNetwork {
 public:
  /// Holds all neurons. Throws UserError, which names `where` and the first five mismatches.
  CutNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where);

  /// Holds only these neurons of each layer, e.g. those of one device.
  /// @param rows  part_of(weights, held): only the rows of these neurons; all tensors belong to one node,
  ///              which may be any
  CutNetwork(const CnnSpec& spec, const std::vector<Neurons>& held, const Weights& rows,
             const std::string& where);
  ~CutNetwork();
  CutNetwork(CutNetwork&&) noexcept;
  CutNetwork& operator=(CutNetwork&&) noexcept;

  /// Returns the same network, holding only these neurons of each layer.
  CutNetwork part(const std::vector<Neurons>& held) const;

  /// Returns the network of CDC's spare device: "neuron" j of a layer is the sum of the j-th neurons of all
  /// devices, before any non-linear operation; a device that has no j-th neuron adds nothing. product()
  /// returns sums, run() throws Failure, and finish() works on neurons as usual.
  /// @param sets  the neurons of each device, by (layer, device)
  CutNetwork coded(const std::vector<std::vector<Neurons>>& sets) const;

  /// The weights of a coded network: weight and bias of each layer, [sums, ...] and [sums], and the layer
  /// norms.
  Weights sums() const;

  /// Restores a coded network from its sums(). Throws UserError, which names `where` and the first five
  /// mismatches.
  static CutNetwork coded(const CnnSpec& spec, const std::vector<std::vector<Neurons>>& sets,
                          const Weights& sums, const std::string& where);

  const CutPlan& plan() const;
  const std::vector<CutLayer>& layers() const { return plan().layers; }
  const Neurons& held(int layer) const;

  /// @param gathered  input of the layer
  /// @param neurons   the outputs to compute, ascending
  /// @param live      input channels that are alive, ascending; empty means all. The other channels are zero
  ///                  and are left out of the product, unless the layer has dense_input; a depthwise layer
  ///                  reads its own channels.
  /// @param residual  gathered input of layer `residual`; undefined if the layer has no residual
  /// @return [rows, neurons, height, width] or [rows, neurons], after all operations inside the neuron
  at::Tensor run(int layer, const at::Tensor& gathered, const Neurons& neurons, const Neurons& live,
                 const at::Tensor& residual) const;

  /// run() is finish(product()): product() is the part that is linear in the neuron's weights, and finish()
  /// is what follows it. A neuron that CDC recovers is a difference of products.
  at::Tensor product(int layer, const at::Tensor& gathered, const Neurons& neurons,
                     const Neurons& live) const;
  at::Tensor finish(int layer, const at::Tensor& product, const Neurons& neurons,
                    const at::Tensor& residual) const;

  /// Runs every layer with all neurons, without distribution. The network must hold all neurons.
  /// @param images [rows, channels, height, width]
  /// @return scores [rows, classes]
  at::Tensor forward(const at::Tensor& images) const;

  /// Bytes of the held weights, after folding.
  std::int64_t resident_bytes() const;

  /// The cache keeps the most recently selected weights, by neurons and live channels, up to `bytes` (256 MiB
  /// by default).
  void limit_cache(std::int64_t bytes);

 private:
  struct Parts;
  explicit CutNetwork(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The rows of the held neurons and the complete layer norms: what one device needs.
/// @param weights  of the whole network, as Cnn::weights()
/// @param held     neurons of each cut layer
Weights part_of(const CnnSpec& spec, const Weights& weights, const std::vector<Neurons>& held,
                const std::string& where);

}  // namespace deepfog
