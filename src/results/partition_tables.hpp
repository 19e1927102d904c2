#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// How a network that is cut over devices was cut (deepfog partition), as plain values; empty() for a model
/// of any other kind. Beside it the model has the attributes method, network, scores, score_normalisation,
/// devices (data devices), calibration_images and network_bytes (what full replication holds on a device).
struct PartitionTables {
  /// What the search of thresholds looked at in run 0; all empty where there was none.
  struct Front {
    std::vector<double> thresholds;      ///< [points] of all layers; NaN where they have one each
    std::vector<std::int64_t> bytes;     ///< [points] of the largest device
    std::vector<double> accuracy;        ///< [points] mean over the combinations with `failed` failures;
                                         ///< NaN where it was not measured
    std::vector<std::uint8_t> on_front;  ///< [points] no other point is as good in both and better in one
    std::int64_t failed = 0;             ///< devices
    bool empty() const { return thresholds.empty(); }
  };

  std::vector<std::string> layers;         ///< of the network, in order
  std::vector<std::int64_t> neurons;       ///< [layers] of the network
  std::vector<std::int64_t> held;          ///< [runs, layers] over all data devices, replicas counted
  std::vector<std::int64_t> device_bytes;  ///< [runs, devices] of weights; CDC's spare is the last
  std::vector<double> thresholds;          ///< [runs, layers] of robustdice, else empty
  Front front;

  bool empty() const { return layers.empty(); }
};

}  // namespace deepfog
