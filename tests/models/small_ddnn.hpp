#pragma once

#include <string>
#include <vector>

#include "core/seed.hpp"
#include "models/network.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"

namespace deepfog::test {

/// Fig. 2 (c) of the DDNN paper: three devices with images of 2x5x6, some with channels last. A dead gateway
/// lets all rows pass.
inline const char* const kDevicesAndCloud = R"(topology small-c
let CONV binary-conv
let LINEAR binary-linear
let LOCAL max
let CLOUD concat
source cam1 2x5x6 channels-last
source cam2 2x5x6
source cam3 2x5x6 channels-last
node d1 $CONV:2
stage s1 on d1 $LINEAR:3
node d2 $CONV:2
stage s2 on d2 $LINEAR:3
node d3 $CONV:2
stage s3 on d3 $LINEAR:3
node gateway
stage local on gateway $LOCAL
node cloud $CLOUD $CONV:3 $LINEAR:3
link cam1 -> d1
link cam2 -> d2
link cam3 -> d3
link d1 -> s1
link d2 -> s2
link d3 -> s3
link s1 -> local
link s2 -> local
link s3 -> local
link d1 -> cloud
link d2 -> cloud
link d3 -> cloud
exit local threshold=0.8
exit cloud
summary s1
summary s2
summary s3
fails d1 d2 d3 gateway
)";

/// Fig. 2 (f): two edge nodes with their own exit; e2 also reads cam3, which bypasses the first exit.
inline const char* const kDevicesEdgesAndCloud = R"(topology small-f
let CONV binary-conv
let LINEAR binary-linear
let LOCAL max
let EDGE mean
let CLOUD concat
source cam1 1x6x6
source cam2 1x6x6
source cam3 1x3x3
node d1 $CONV:2
stage s1 on d1 $LINEAR:3
node d2 $CONV:2
stage s2 on d2 $LINEAR:3
node gateway
stage local on gateway $LOCAL
node e1 concat $CONV:2
stage t1 on e1 $LINEAR:3
node e2 concat $CONV:2
stage t2 on e2 $LINEAR:3
node edge-gateway
stage edge on edge-gateway $EDGE
node cloud $CLOUD $CONV:2 $LINEAR:3
link cam1 -> d1
link cam2 -> d2
link d1 -> s1
link d2 -> s2
link s1 -> local
link s2 -> local
link d1 -> e1
link d2 -> e1
link d2 -> e2
link cam3 -> e2
link e1 -> t1
link e2 -> t2
link t1 -> edge
link t2 -> edge
link e1 -> cloud
link e2 -> cloud
exit local threshold=0.7
exit edge threshold=0.8
exit cloud
summary s1
summary s2
summary t1 loss=0.5
summary t2
fails d1 d2 gateway e1 e2 edge-gateway
)";

/// A network with exits and samples that depend on a seed only. Norms are random as well, so that the
/// summaries are neither always sure nor never.
struct SmallDdnn {
  SmallDdnn(const Topology& of, std::uint64_t seed, std::int64_t samples) : topology(of) {
    std::int64_t features = 0;
    for (const Source& source : topology.sources()) {
      columns.push_back({features, features + source.width});
      features += source.width;
    }
    RandomStream stream(seed);
    Network network(topology, columns);
    network->initialise(seed);
    weights = network->weights();
    for (NamedTensor& tensor : weights) {
      const auto ends_in = [&](const std::string& end) {
        return tensor.name.size() >= end.size() &&
               tensor.name.compare(tensor.name.size() - end.size(), end.size(), end) == 0;
      };
      for (float& value : tensor.values) {
        const double drawn = stream.uniform();
        if (ends_in("norm.scale")) value = float(0.5 + 2 * drawn);
        if (ends_in("norm.shift") || ends_in("bias")) value = float(drawn - 0.5);
        if (ends_in("norm.mean")) value = float(2 * drawn - 1);
        if (ends_in("norm.variance")) value = float(0.5 + 3 * drawn);
      }
    }
    set.features = features;
    for (std::int64_t i = 0; i < samples; ++i) {
      set.labels.push_back(std::int64_t(stream.below(static_cast<std::uint64_t>(topology.classes()))));
      for (std::int64_t f = 0; f < features; ++f)
        set.values.push_back(float(std::int64_t(stream.below(129)) - 64) / 64);
    }
  }
  SmallDdnn(const std::string& text, std::uint64_t seed, std::int64_t samples)
      : SmallDdnn(parse_topology(text, "small"), seed, samples) {}

  Topology topology;
  std::vector<Columns> columns;
  Weights weights;
  SampleSet set;
};

}  // namespace deepfog::test
