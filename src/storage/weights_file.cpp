#include "storage/weights_file.hpp"

#include <algorithm>
#include <set>

#include "core/spelling.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"
#include "storage/sha256.hpp"
#include "topology/stage_cost.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Type;
using hdf5::Writer;

constexpr std::size_t largest_rank = 8;

struct Placed {
  std::int64_t position = 0;
  NamedTensor tensor;
};

Placed read_tensor(const Reader& file, const std::string& node, const std::string& name) {
  const std::string object = "/nodes/" + node + "/" + name;
  const Entry entry = file.open(object);
  if (entry.shape.empty() || entry.shape.size() > largest_rank) {
    throw UserError(entry.where, "rank " + std::to_string(entry.shape.size()),
                    "1 to " + std::to_string(largest_rank));
  }
  if (std::find(entry.shape.begin(), entry.shape.end(), 0) != entry.shape.end()) {
    throw UserError(entry.where, "shape " + hdf5::format_shape(entry.shape), "extents of at least 1");
  }
  Placed placed;
  placed.position = file.value<std::int64_t>(object, "position");
  placed.tensor = {node, name, entry.shape, Reader::read<float>(entry, entry.shape)};
  return placed;
}

void read_node(const Reader& file, const std::string& node, std::vector<Placed>& into) {
  for (const std::string& name : file.children("/nodes/" + node))
    into.push_back(read_tensor(file, node, name));
}

void add(Sha256& sum, const NamedTensor& tensor) {
  const auto rank = static_cast<std::int64_t>(tensor.shape.size());
  sum.add(tensor.node.c_str(), tensor.node.size() + 1);  // with the NUL: "ab" + "c" is not "a" + "bc"
  sum.add(tensor.name.c_str(), tensor.name.size() + 1);
  sum.add(&rank, sizeof rank);
  sum.add(tensor.shape.data(), tensor.shape.size() * sizeof(std::int64_t));
  sum.add(tensor.values.data(), tensor.values.size() * sizeof(float));
}

void expect_sum(const Reader& file, const std::string& sum) {
  const std::string stored = file.text("/", "sha256");
  if (sum != stored) throw UserError(file.where("/@sha256"), "the weights have another sum, " + sum, stored);
}

/// In the order of Weights. @param whole  whether positions must be 0, 1, 2 ...; else they must only differ
Weights in_order(const Reader& file, std::vector<Placed> placed, bool whole) {
  std::sort(placed.begin(), placed.end(),
            [](const Placed& a, const Placed& b) { return a.position < b.position; });
  Weights weights;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const bool right =
        whole ? placed[i].position == static_cast<std::int64_t>(i)
              : placed[i].position >= 0 && (i == 0 || placed[i].position > placed[i - 1].position);
    if (!right) {
      throw UserError(
          file.where("/nodes/" + placed[i].tensor.node + "/" + placed[i].tensor.name + "@position"),
          std::to_string(placed[i].position), "each position once, from 0");
    }
    weights.push_back(std::move(placed[i].tensor));
  }
  return weights;
}

void write_cut(Writer& file, const CutOrigin& cut) {
  file.group("/cut");
  file.text("/cut", "network", cut.network);
  file.values<std::int64_t>("/cut", "image", {cut.image.begin(), cut.image.end()});
  file.value<std::int64_t>("/cut", "classes", cut.classes);
  file.text("/cut", "method", cut.method);
  file.value<std::int64_t>("/cut", "devices", cut.devices);
  file.value<std::int64_t>("/cut", "spare", cut.spare);
  file.value<std::int64_t>("/cut", "drawn", cut.drawn ? 1 : 0);
  const std::int64_t layers =
      static_cast<std::int64_t>(cut.sizes.size()) / std::max<std::int64_t>(1, cut.devices);
  file.table("/cut/sizes", {layers, cut.devices}, cut.sizes);
  file.table("/cut/neurons", {static_cast<std::int64_t>(cut.neurons.size())}, cut.neurons);
}

void write_origin(Writer& file, const WeightsOrigin& origin) {
  file.text("/", "experiment", origin.experiment);
  file.text("/", "model", origin.model);
  file.text("/", "topology_text", origin.topology_text);
  file.value<std::int64_t>("/", "run", origin.run);
  file.text("/", "dataset", origin.dataset);
  file.text("/", "data_origin", origin.data_origin);
  file.text("/", "data_sha256", origin.data_sha256);
  file.text("/", "split", origin.split);
  file.text("/", "guess", origin.guess);
  file.values("/", "guess_probabilities", origin.guess_probabilities);
  const auto& [centre, deviation] = origin.normalisation;
  if (origin.cut) write_cut(file, *origin.cut);
  if (origin.normalisation.empty()) return;
  file.group("/normalisation");
  file.table("/normalisation/centre", {static_cast<std::int64_t>(centre.size())}, centre);
  file.table("/normalisation/deviation", {static_cast<std::int64_t>(deviation.size())}, deviation);
}

bool has_parameters(const Topology& topology, std::size_t node) {
  for (const Stage& stage : topology.stages()) {
    if (stage.node != static_cast<int>(node)) continue;
    for (const Layer& layer : stage.layers) {
      if (layer.kind == LayerKind::part || layer.kind == LayerKind::product) return true;
    }
    const StageCost cost = cost_of(topology, stage);
    if (cost.parameters + cost.kept > 0) return true;
  }
  return false;
}

/// A node that only passes sums on, or gathers, has no group: the file's topology tells it from a wrong name.
void demand_without_parameters(const Reader& file, const std::string& node) {
  const Topology topology = parse_topology(file.text("/", "topology_text"), file.where("/@topology_text"));
  std::vector<std::string> names;
  for (const PhysicalNode& known : topology.nodes()) names.push_back(known.name);
  const auto found = std::find(names.begin(), names.end(), node);
  if (found == names.end()) throw UserError(file.where("/nodes"), "no node '" + node + "'", listing(names));
  if (has_parameters(topology, static_cast<std::size_t>(found - names.begin()))) {
    throw UserError(file.where("/nodes/" + node), "missing");
  }
}

}  // namespace

std::string checksum(const Weights& weights) {
  Sha256 sum;
  for (const NamedTensor& tensor : weights) add(sum, tensor);
  return sum.hex();
}

std::string save_weights(const std::string& path, const Weights& weights, const WeightsOrigin& origin) {
  const std::string fault = fault_of(origin.normalisation);
  if (!fault.empty()) throw Failure(path + ":/normalisation: " + fault);
  Writer file(path, "deepfog-weights", 1);
  const std::string sum = checksum(weights);
  write_origin(file, origin);
  file.text("/", "sha256", sum);
  file.group("/nodes");
  std::set<std::string> nodes;
  std::int64_t position = 0;
  for (const NamedTensor& tensor : weights) {
    const std::string node = file.join("/nodes", tensor.node), object = file.join(node, tensor.name);
    if (nodes.insert(tensor.node).second) file.group(node);
    file.table(object, tensor.shape, tensor.values);
    file.value<std::int64_t>(object, "position", position++);
  }
  file.commit();
  return sum;
}

Weights load_weights(const std::string& path) {
  const Reader file(path, "deepfog-weights", 1);
  std::vector<Placed> placed;
  for (const std::string& node : file.children("/nodes")) read_node(file, node, placed);
  Weights weights = in_order(file, std::move(placed), true);
  expect_sum(file, checksum(weights));
  return weights;
}

std::string check_weights_file(const std::string& path) {
  const Reader file(path, "deepfog-weights", 1);
  std::vector<Placed> placed;  // names alone
  for (const std::string& node : file.children("/nodes")) {
    for (const std::string& name : file.children("/nodes/" + node)) {
      const auto position = file.value<std::int64_t>("/nodes/" + node + "/" + name, "position");
      placed.push_back({position, {node, name, {}, {}}});
    }
  }
  Sha256 sum;
  for (const NamedTensor& tensor : in_order(file, std::move(placed), true)) {
    add(sum, read_tensor(file, tensor.node, tensor.name).tensor);
  }
  std::string hex = sum.hex();
  expect_sum(file, hex);
  return hex;
}

std::string stated_weights_sum(const std::string& path) {
  return Reader(path, "deepfog-weights", 1).text("/", "sha256");
}

Weights load_node_weights(const std::string& path, const std::string& node) {
  const Reader file(path, "deepfog-weights", 1);
  const std::vector<std::string> nodes = file.children("/nodes");
  if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) {
    demand_without_parameters(file, node);
    return {};
  }
  std::vector<Placed> placed;
  read_node(file, node, placed);
  return in_order(file, std::move(placed), false);
}

}  // namespace deepfog
