#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cut_network_layers.hpp"
#include "resilience/combination.hpp"

namespace deepfog {

/// The neurons of every cut layer that each device computes (RobustDiCE, section 4.2: the set P). A neuron
/// may be on several devices.
struct Partition {
  std::string method;  ///< robustdice | lop | cdc | replicated | random
  int devices = 0;     ///< including CDC's spare
  int spare = -1;  ///< the last device if it holds, for each layer, the sums of the others' neurons instead
                   ///< of neurons of its own; -1: none
  std::vector<std::vector<Neurons>> neurons;  ///< [layer][device], ascending

  /// The number of devices that have neurons.
  int data_devices() const { return spare < 0 ? devices : devices - 1; }
};

/// Throws UserError, which names `where` and the layer, unless there is a list for every layer and device,
/// indices are in range, ascending and unique per device, every neuron is on at least one device, the method
/// is known, and a spare is the last of at least two devices and has no neurons.
void check_partition(const Partition& partition, const std::vector<CutLayer>& layers,
                     const std::string& where);

/// Whether in every layer the numbers of neurons of the data devices differ by at most one.
bool balanced(const Partition& partition);

/// How many rows of weights a device holds for a layer: its neurons, or the spare's sums, of which there are
/// as many as the largest part has neurons.
std::int64_t rows_held(const Partition& partition, int layer, int device);

/// Bytes of the weights that a device holds, including the layer norms, which every device holds completely.
/// A sum of depthwise neurons has the kernels of all of them side by side, because each reads another
/// channel.
std::int64_t device_bytes(const Partition& partition, const std::vector<CutLayer>& layers, int device);

/// Bytes of the device that holds most: RobustDiCE, Table 2's "max. per-device memory" without activations.
std::int64_t largest_device_bytes(const Partition& partition, const std::vector<CutLayer>& layers);

/// Bytes of a device that holds everything: full replication.
std::int64_t replicated_bytes(const std::vector<CutLayer>& layers);

/// The neurons of a layer that at least one live device computes, ascending. Neurons that CDC recovers are
/// not included: see cdc_recoverable().
Neurons live_neurons(const Partition& partition, int layer, Combination alive);

/// Whether all neurons are available: no data device failed, or exactly one failed and the spare is alive.
/// The missing part is then the spare's sum minus the other parts, before any non-linear operation (Hadidi et
/// al. 2023). Without a spare, it is true only if no device failed.
bool cdc_recoverable(const Partition& partition, Combination alive);

/// A few lines for people: method, devices, bytes per device, and neurons and copies of each layer.
std::string summary(const Partition& partition, const std::vector<CutLayer>& layers);

}  // namespace deepfog
