#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// Which neurons of every cut layer each device computes (RobustDiCE, section 4.2: the set P). A neuron may
/// be on several devices.
struct Partition {
  std::string method;  ///< robustdice | lop | cdc | replicated | random
  int devices = 0;     ///< with CDC's spare
  int spare = -1;  ///< the device that has no neurons but, of each layer, the sums of those of the others;
                   ///< the last one; -1: none
  std::vector<std::vector<Neurons>> neurons;  ///< [layer][device], ascending

  /// Devices that have neurons.
  int data_devices() const { return spare < 0 ? devices : devices - 1; }
};

/// Throws UserError naming `where` and the layer unless there is a list for every layer and device, ids are
/// in range, ascending and none is twice on a device, every neuron is on at least one device, the method is
/// known, and a spare is the last of at least two devices and has no neurons.
void check_partition(const Partition& partition, const std::vector<CutLayer>& layers,
                     const std::string& where);

/// In every layer the devices with neurons have numbers of them that differ by at most one.
bool balanced(const Partition& partition);

/// Values a device holds for a layer, as rows of weights: its neurons, or the spare's sums, of which there
/// are as many as the largest part has neurons.
std::int64_t rows_held(const Partition& partition, int layer, int device);

/// Bytes of the weights a device holds, with the layer norms that all have whole. The sum of depthwise
/// neurons has the kernels of all of them side by side, since each reads another channel.
std::int64_t device_bytes(const Partition& partition, const std::vector<CutLayer>& layers, int device);

/// Those of the device that holds most: RobustDiCE, Table 2's "max. per-device memory" without activations.
std::int64_t largest_device_bytes(const Partition& partition, const std::vector<CutLayer>& layers);

/// Those of a device that holds everything: full replication.
std::int64_t replicated_bytes(const std::vector<CutLayer>& layers);

/// The neurons of a layer that some live device computes, ascending. Those that CDC recovers are not among
/// them: cdc_recoverable().
Neurons live_neurons(const Partition& partition, int layer, Combination alive);

/// Whether everything is there: no data device failed, or one alone and the spare is alive; its part is then
/// the spare's sum less what the others have, before anything that is not linear (Hadidi et al. 2023).
/// Always false without a spare, unless no device failed.
bool cdc_recoverable(const Partition& partition, Combination alive);

/// A few lines for people: method, devices, bytes per device, neurons and copies of each layer.
std::string summary(const Partition& partition, const std::vector<CutLayer>& layers);

}  // namespace deepfog
