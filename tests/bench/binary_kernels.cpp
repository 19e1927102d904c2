// Benchmark: a device of a DDNN, image to signs and class summary: packed kernels (PackedNode) against the
// same node in floats under LibTorch (NodeNetwork), frame by frame and 32 at a time, in turns. All frames of
// all devices; signs and scores must be equal. Also the kernels alone, without floats for signs between them.

#include <algorithm>
#include <cstdio>

#include "core/error.hpp"
#include "kernels/sign_bits.hpp"
#include "models/node_network.hpp"
#include "models/packed_node.hpp"
#include "models/packed_stage.hpp"
#include "program.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

/// One device: its two stages, its weights, and all that its camera saw.
struct Device {
  int source = 0, node = -1, signs = -1, summary = -1;
  std::int64_t features = 0, rows = 0;
  Weights weights;
  std::vector<float> frames;  ///< [rows, features]
};

/// Both stages of a device, by what they read: the camera, and the signs made of it.
void find_stages(const Topology& topology, std::vector<Device>& devices) {
  for (int s = 0; s <= topology.last_stage(); ++s) {
    const Stage& stage = topology.stages()[static_cast<std::size_t>(s)];
    const int from = topology.hyperconnections()[static_cast<std::size_t>(stage.incoming[0])].from;
    for (Device& device : devices) {
      if (from == device.source) {
        device.node = stage.node;
        device.signs = s;
      } else if (!topology.is_source(from) && topology.stage_of(from) == device.signs &&
                 stage.node == device.node && stage.layers.size() == 1) {
        device.summary = s;
      }
    }
  }
  for (const Device& device : devices) {
    if (device.summary < 0 || !PackedNode::fits(topology, device.node))
      throw UserError(topology.name(), "its devices are not a binary block and a binary summary each");
  }
}

std::vector<Device> devices_of(const Case& loaded) {
  std::vector<Device> devices(loaded.topology.sources().size());
  for (std::size_t d = 0; d < devices.size(); ++d) devices[d].source = static_cast<int>(d);
  find_stages(loaded.topology, devices);
  for (Device& device : devices) {
    const auto [begin, end] = loaded.columns[static_cast<std::size_t>(device.source)];
    device.features = end - begin;
    for (const SampleSet* set : {&loaded.dataset.train, &loaded.dataset.validation, &loaded.dataset.test}) {
      device.rows += set->size();
      for (std::int64_t row = 0; row < set->size(); ++row) {
        const float* values = set->values.data() + row * set->features;
        device.frames.insert(device.frames.end(), values + begin, values + end);
      }
    }
    for (const NamedTensor& tensor : loaded.weights) {
      const std::string& name = loaded.topology.nodes()[static_cast<std::size_t>(device.node)].name;
      if (tensor.node == name) device.weights.push_back(tensor);
    }
  }
  return devices;
}

/// What a way of computing gave: of every frame the signs, then the scores.
using Outputs = std::vector<float>;

/// Once through all frames of a device. @param outputs  appended to unless null
template <class Node>
void go_through(const Device& device, const Node& node, std::int64_t batch, Outputs* outputs) {
  std::vector<float> signs, scores;
  for (std::int64_t row = 0; row < device.rows; row += batch) {
    const std::int64_t rows = std::min(batch, device.rows - row);
    node.run(device.signs, {device.frames.data() + row * device.features}, rows, signs, {});
    node.run(device.summary, {signs.data()}, rows, scores, {});
    if (outputs == nullptr) continue;
    outputs->insert(outputs->end(), signs.begin(), signs.end());
    outputs->insert(outputs->end(), scores.begin(), scores.end());
  }
}

struct Turn {
  double seconds = 0, cpu_seconds = 0;
};

template <class Node>
Turn turn(const std::vector<Device>& devices, const std::vector<Node>& nodes, std::int64_t batch) {
  const Timer timer;
  for (std::size_t d = 0; d < devices.size(); ++d) go_through(devices[d], nodes[d], batch, nullptr);
  return {timer.seconds(), timer.cpu_seconds()};
}

template <class Node>
std::vector<Node> nodes_of(const Case& loaded, const std::vector<Device>& devices) {
  std::vector<Node> nodes;
  for (const Device& device : devices)
    nodes.emplace_back(loaded.topology, device.node, device.weights, "weights");
  return nodes;
}

/// @return how many of all signs and scores differ
std::int64_t differing(const std::vector<Device>& devices, const std::vector<NodeNetwork>& floats,
                       const std::vector<PackedNode>& packed, std::int64_t batch) {
  std::int64_t count = 0;
  for (std::size_t d = 0; d < devices.size(); ++d) {
    Outputs expected, got;
    go_through(devices[d], floats[d], batch, &expected);
    go_through(devices[d], packed[d], batch, &got);
    if (got.size() != expected.size()) throw Failure("the packed node gives another number of figures");
    for (std::size_t i = 0; i < got.size(); ++i) count += got[i] == expected[i] ? 0 : 1;
  }
  return count;
}

/// The kernels alone, bits from one to the other, once through all frames of a device.
Turn kernel_turn(const Case& loaded, const Device& device) {
  const Stage& stage = loaded.topology.stages()[static_cast<std::size_t>(device.signs)];
  const Stage& exit = loaded.topology.stages()[static_cast<std::size_t>(device.summary)];
  const ImageSize image{stage.expansion_shape[0], stage.expansion_shape[1], stage.expansion_shape[2]};
  PackedImageConv conv(binary_weights(device.weights, stage.name + ".layer1"), image);
  PackedBinaryLinear summary(binary_weights(device.weights, exit.name + ".layer1"), conv.output().values());
  std::vector<std::uint8_t> bits(static_cast<std::size_t>(sign_bytes(conv.output().values())));
  std::vector<float> scores(static_cast<std::size_t>(exit.layers[0].width));
  const Timer timer;  // pixels in another order take no other time
  for (std::int64_t row = 0; row < device.rows; ++row) {
    conv.run(device.frames.data() + row * device.features, bits.data());
    summary.run(bits.data(), scores.data());
  }
  return {timer.seconds(), timer.cpu_seconds()};
}

struct Way {
  std::vector<double> seconds, cpu_seconds, ratio, cpu_ratio;

  void add(const Turn& turn, const Turn& slow) {
    seconds.push_back(turn.seconds);
    cpu_seconds.push_back(turn.cpu_seconds);
    ratio.push_back(slow.seconds / turn.seconds);
    cpu_ratio.push_back(slow.cpu_seconds / turn.cpu_seconds);
  }
};

int measure(const std::vector<std::string>& arguments) {
  const Case loaded = load_case(arguments[0], arguments[1], arguments[2]);
  const std::vector<Device> devices = devices_of(loaded);
  const auto floats = nodes_of<NodeNetwork>(loaded, devices);
  const auto packed = nodes_of<PackedNode>(loaded, devices);
  std::int64_t frames = 0;
  for (const Device& device : devices) frames += device.rows;
  bool equal = true;
  for (const std::int64_t batch : {1, 32}) {
    const std::int64_t unequal = differing(devices, floats, packed, batch);  // warms both up, too
    equal = equal && unequal == 0;
    Way node, kernels, slow;
    for (int round = 0; round < kRounds; ++round) {
      const Turn in_floats = turn(devices, floats, batch);
      slow.add(in_floats, in_floats);
      node.add(turn(devices, packed, batch), in_floats);
      Turn bare;
      for (const Device& device : devices) {
        const Turn one = kernel_turn(loaded, device);
        bare = {bare.seconds + one.seconds, bare.cpu_seconds + one.cpu_seconds};
      }
      kernels.add(bare, in_floats);
    }
    const auto us = [&](const Way& way) {
      return 1e6 * median(way.cpu_seconds) / static_cast<double>(frames);
    };
    std::printf(
        "RESULT bench=binary_kernels batch=%lld data=%s frames=%lld seconds=%.4g float_seconds=%.4g "
        "ratio=%.2f cpu_ratio=%.2f kernels_ratio=%.2f cpu_kernels_ratio=%.2f cpu_frame_us=%.2f "
        "cpu_float_frame_us=%.2f cpu_kernels_us=%.2f equal=%d differing=%lld rounds=%d threads=1\n",
        static_cast<long long>(batch), loaded.dataset.origin.c_str(), static_cast<long long>(frames),
        median(node.seconds), median(slow.seconds), median(node.ratio), median(node.cpu_ratio),
        median(kernels.ratio), median(kernels.cpu_ratio), us(node), us(slow), us(kernels),
        unequal == 0 ? 1 : 0, static_cast<long long>(unequal), kRounds);
  }
  return equal ? 0 : 1;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 3, "bench_binary_kernels TOPOLOGY DATASET WEIGHTS",
                             deepfog::bench::measure);
}
