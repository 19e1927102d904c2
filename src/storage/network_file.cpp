#include "storage/network_file.hpp"

#include <filesystem>

#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

using hdf5::Reader;
using hdf5::Writer;

constexpr std::int64_t kMostRank = 8;

std::int64_t size_of(const std::vector<std::int64_t>& list) {
  return static_cast<std::int64_t>(list.size());
}

void write_tensors(Writer& file, const Weights& weights) {
  std::vector<std::string> nodes, names;
  std::vector<std::int64_t> ranks, extents;
  std::vector<float> values;
  for (const NamedTensor& tensor : weights) {
    nodes.push_back(tensor.node);
    names.push_back(tensor.name);
    ranks.push_back(size_of(tensor.shape));
    extents.insert(extents.end(), tensor.shape.begin(), tensor.shape.end());
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  }
  file.group("/tensors");
  file.strings("/tensors/nodes", nodes);
  file.strings("/tensors/names", names);
  file.table("/tensors/ranks", {size_of(ranks)}, ranks);
  file.table("/tensors/extents", {size_of(extents)}, extents);
  file.table("/weights", {static_cast<std::int64_t>(values.size())}, values);
}

void write_scores(Writer& file, const StoredNetwork& network) {
  if (network.scores.empty()) return;
  std::vector<std::int64_t> neurons;
  std::vector<double> values;
  for (const auto& layer : network.scores) {
    neurons.push_back(static_cast<std::int64_t>(layer.size()));
    for (const auto& score : layer) values.insert(values.end(), score.begin(), score.end());
  }
  file.group("/scores");
  file.strings("/scores/names", network.layers);
  file.table("/scores/neurons", {size_of(neurons)}, neurons);
  file.table("/scores/values", {static_cast<std::int64_t>(values.size()) / 3, 3}, values);
}

Weights read_tensors(const Reader& file) {
  const auto nodes = Reader::read_strings(file.open("/tensors/nodes"), {-1});
  const auto count = static_cast<std::int64_t>(nodes.size());
  const auto names = Reader::read_strings(file.open("/tensors/names"), {count});
  const auto ranks = file.table<std::int64_t>("/tensors/ranks", {count});
  const auto extents = file.table<std::int64_t>("/tensors/extents", {-1});
  const auto values = file.table<float>("/weights", {-1});
  std::size_t extent = 0, value = 0;
  const auto refuse = [&](const std::string& what) {
    throw UserError(file.where("/tensors"), what, "extents and values of every tensor, none left over");
  };
  Weights weights;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    NamedTensor tensor{nodes[i], names[i], {}, {}};
    std::size_t size = 1;
    if (ranks[i] < 1 || ranks[i] > kMostRank) refuse("rank " + std::to_string(ranks[i]));
    for (std::int64_t r = 0; r < ranks[i]; ++r, ++extent) {
      if (extent >= extents.size() || extents[extent] < 1) refuse("no extent for " + names[i]);
      if (static_cast<std::size_t>(extents[extent]) > values.size() / size) refuse("too few values");
      size *= static_cast<std::size_t>(extents[extent]);
      tensor.shape.push_back(extents[extent]);
    }
    if (size > values.size() - value) refuse("too few values");
    tensor.values.assign(values.begin() + static_cast<std::ptrdiff_t>(value),
                         values.begin() + static_cast<std::ptrdiff_t>(value + size));
    value += size;
    weights.push_back(std::move(tensor));
  }
  if (extent != extents.size() || value != values.size()) refuse("too many of them");
  return weights;
}

void read_scores(const Reader& file, StoredNetwork& network) {
  if (!file.has("/scores")) return;
  network.layers = Reader::read_strings(file.open("/scores/names"), {-1});
  const auto neurons =
      file.table<std::int64_t>("/scores/neurons", {static_cast<std::int64_t>(network.layers.size())});
  const auto values = file.table<double>("/scores/values", {-1, 3});
  std::size_t next = 0;
  for (const std::int64_t size : neurons) {
    if (size < 0 || static_cast<std::size_t>(size) > (values.size() - next) / 3)
      throw UserError(file.where("/scores/neurons"), std::to_string(size), "as many as there are values");
    network.scores.emplace_back();
    for (std::int64_t n = 0; n < size; ++n, next += 3)
      network.scores.back().push_back({values[next], values[next + 1], values[next + 2]});
  }
  if (next != values.size())
    throw UserError(file.where("/scores/values"), "more than the layers have neurons");
}

}  // namespace

void save_network(const std::string& path, const StoredNetwork& network) {
  Writer file(path, "deepfog-network", 1);
  file.text("/", "key", network.key);
  file.text("/", "sha256", checksum(network.weights));
  file.value("/", "validation_accuracy", network.validation_accuracy);
  file.value("/", "train_seconds", network.train_seconds);
  file.value("/", "score_seconds", network.score_seconds);
  file.value("/", "best_epoch", network.best_epoch);
  write_tensors(file, network.weights);
  const auto& [centre, deviation] = network.normalisation;
  if (!network.normalisation.empty()) {
    file.group("/normalisation");
    file.table("/normalisation/centre", {static_cast<std::int64_t>(centre.size())}, centre);
    file.table("/normalisation/deviation", {static_cast<std::int64_t>(deviation.size())}, deviation);
  }
  write_scores(file, network);
  file.commit();
}

std::optional<StoredNetwork> load_network(const std::string& path, const std::string& key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const Reader file(path, "deepfog-network", 1);
  StoredNetwork network;
  network.key = file.text("/", "key");
  if (network.key != key) return std::nullopt;
  network.validation_accuracy = file.value<double>("/", "validation_accuracy");
  network.train_seconds = file.value<double>("/", "train_seconds");
  network.score_seconds = file.value<double>("/", "score_seconds");
  network.best_epoch = file.value<std::int64_t>("/", "best_epoch");
  network.weights = read_tensors(file);
  const std::string sum = checksum(network.weights);
  if (sum != file.text("/", "sha256"))
    throw UserError(file.where("/@sha256"), "the weights have another sum");
  if (file.has("/normalisation")) {
    network.normalisation.centre = file.table<float>("/normalisation/centre", {-1});
    network.normalisation.deviation = file.table<float>(
        "/normalisation/deviation", {static_cast<std::int64_t>(network.normalisation.centre.size())});
    const std::string fault = fault_of(network.normalisation);
    if (!fault.empty()) throw UserError(file.where("/normalisation"), fault);
  }
  read_scores(file, network);
  return network;
}

}  // namespace deepfog
