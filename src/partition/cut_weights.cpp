#include "partition/cut_weights.hpp"

#include "core/error.hpp"
#include "models/cut_network.hpp"
#include "partition/cut_topology.hpp"

namespace deepfog {
namespace {

void append(Weights& weights, Weights part, const std::string& node) {
  for (NamedTensor& tensor : part) {
    tensor.node = node;
    weights.push_back(std::move(tensor));
  }
}

}  // namespace

std::vector<Neurons> neurons_of(const Partition& partition, int device) {
  std::vector<Neurons> neurons;
  for (const std::vector<Neurons>& parts : partition.neurons) {
    neurons.push_back(parts.at(static_cast<std::size_t>(device)));
  }
  return neurons;
}

std::vector<std::vector<Neurons>> summed_sets(const Partition& partition) {
  std::vector<std::vector<Neurons>> sets = partition.neurons;
  for (std::vector<Neurons>& parts : sets) parts.resize(static_cast<std::size_t>(partition.data_devices()));
  return sets;
}

Weights cut_weights(const CnnSpec& spec, const Weights& whole, const Partition& partition,
                    const std::string& where) {
  check_cut(cut_plan(plan_cnn(spec)), partition, where);
  Weights weights;
  for (int d = 0; d < partition.data_devices(); ++d) {
    append(weights, part_of(spec, whole, neurons_of(partition, d), where), cut_node_name(partition, d));
  }
  if (partition.spare >= 0) {
    append(weights, CutNetwork(spec, whole, where).coded(summed_sets(partition)).sums(),
           cut_node_name(partition, partition.spare));
  }
  return weights;
}

CutOrigin cut_origin(const CnnSpec& spec, const Partition& partition) {
  CutOrigin origin{spec.name,
                   {spec.image.channels, spec.image.height, spec.image.width},
                   spec.classes,
                   partition.method,
                   partition.devices,
                   partition.spare,
                   {},
                   {}};
  for (const std::vector<Neurons>& parts : partition.neurons) {
    for (const Neurons& part : parts) {
      origin.sizes.push_back(static_cast<std::int64_t>(part.size()));
      origin.neurons.insert(origin.neurons.end(), part.begin(), part.end());
    }
  }
  return origin;
}

CnnSpec spec_of(const CutOrigin& origin) {
  return {origin.network, {origin.image[0], origin.image[1], origin.image[2]}, origin.classes};
}

Partition partition_of(const CutOrigin& origin, const std::string& where) {
  const CutPlan plan = cut_plan(plan_cnn(spec_of(origin)));
  const std::size_t layers = plan.layers.size(), devices = static_cast<std::size_t>(origin.devices);
  if (origin.devices < 1 || origin.devices > 64 || origin.sizes.size() != layers * devices) {
    throw UserError(where, std::to_string(origin.sizes.size()) + " parts",
                    "one for each of 1 to 64 devices and " + std::to_string(layers) + " layers");
  }
  Partition partition{origin.method, static_cast<int>(origin.devices), static_cast<int>(origin.spare), {}};
  partition.neurons.assign(layers, std::vector<Neurons>(devices));
  auto next = origin.neurons.begin();
  for (std::size_t part = 0; part < origin.sizes.size(); ++part) {
    if (origin.sizes[part] < 0 || origin.sizes[part] > origin.neurons.end() - next) {
      throw UserError(where, "parts of more neurons than there are", "as many as their sizes say");
    }
    partition.neurons[part / devices][part % devices].assign(next, next + origin.sizes[part]);
    next += origin.sizes[part];
  }
  if (next != origin.neurons.end()) {
    throw UserError(where, "neurons that are in no part", "as many as their sizes say");
  }
  check_cut(plan, partition, where);
  return partition;
}

}  // namespace deepfog
