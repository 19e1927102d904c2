#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// A network whose layers are computed a set of neurons at a time: by one device its own, in simulation those
/// that somebody alive has. Batch norm and layer scale are folded into the weights. A layer's *gathered*
/// input has the whole shape, [rows, inputs, height, width] or [rows, inputs], with zeros in dead channels.
/// Results of different sets of neurons or live channels agree to rounding, not bit for bit. All functions
/// may be called from several threads at once. Throws Failure for neurons that are not held and for shapes
/// that do not fit.
class CutNetwork {
 public:
  /// All neurons. Throws UserError naming `where` and the first five mismatches.
  CutNetwork(const CnnSpec& spec, const Weights& weights, const std::string& where);

  /// Only these neurons of each layer, e.g. those of one device.
  /// @param rows  part_of(weights, held): their rows alone, of any one node
  CutNetwork(const CnnSpec& spec, const std::vector<Neurons>& held, const Weights& rows,
             const std::string& where);
  ~CutNetwork();
  CutNetwork(CutNetwork&&) noexcept;
  CutNetwork& operator=(CutNetwork&&) noexcept;

  /// The same network holding only these neurons of each layer.
  CutNetwork part(const std::vector<Neurons>& held) const;

  /// CDC's spare device: "neuron" j of a layer is the sum of the j-th neurons of all devices (one that has
  /// none adds nothing), before anything that is not linear. product() gives sums, run() is
  /// refused; finish() is of neurons as ever.
  /// @param sets  of (layer, device): its neurons
  CutNetwork coded(const std::vector<std::vector<Neurons>>& sets) const;

  /// What such a network holds: weight and bias of each layer, [sums, ...] and [sums], and the layer norms.
  Weights sums() const;

  /// The same network from its sums().
  /// Throws UserError naming `where` and the first five mismatches.
  static CutNetwork coded(const CnnSpec& spec, const std::vector<std::vector<Neurons>>& sets,
                          const Weights& sums, const std::string& where);

  const CutPlan& plan() const;
  const std::vector<CutLayer>& layers() const { return plan().layers; }
  const Neurons& held(int layer) const;

  /// @param gathered  input of the layer
  /// @param neurons   which outputs, ascending
  /// @param live      input channels that are alive, ascending; empty: all. The others, zero, are left out of
  ///                  the product, unless the layer has dense_input; a depthwise layer reads its own
  ///                  channels.
  /// @param residual  gathered input of layer `residual`; undefined where the layer has none
  /// @return [rows, neurons, height, width] or [rows, neurons], after all operations within the neuron
  at::Tensor run(int layer, const at::Tensor& gathered, const Neurons& neurons, const Neurons& live,
                 const at::Tensor& residual) const;

  /// run() is finish(product()): the part that is linear in the neuron's weights, and what follows it.
  /// A neuron that CDC recovers is the difference of products.
  at::Tensor product(int layer, const at::Tensor& gathered, const Neurons& neurons,
                     const Neurons& live) const;
  at::Tensor finish(int layer, const at::Tensor& product, const Neurons& neurons,
                    const at::Tensor& residual) const;

  /// run() of every layer with all neurons: not distributed. Needs all neurons.
  /// @param images [rows, channels, height, width]
  /// @return scores [rows, classes]
  at::Tensor forward(const at::Tensor& images) const;

  /// Bytes of the weights that are held, folded.
  std::int64_t resident_bytes() const;

  /// Selected weights are kept for the next call with the same neurons and live channels, the most recent
  /// ones, up to so many bytes (256 MiB unless set).
  void limit_cache(std::int64_t bytes);

 private:
  struct Parts;
  explicit CutNetwork(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The rows of the neurons that are held, and the layer norms whole: what one device needs.
/// @param weights  of the whole network, as Cnn::weights()
/// @param held     of each cut layer
Weights part_of(const CnnSpec& spec, const Weights& weights, const std::vector<Neurons>& held,
                const std::string& where);

}  // namespace deepfog
