#include <algorithm>
#include <cmath>

#include "core/spelling.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/weights_file.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

using hdf5::Reader;

/// Files of earlier versions hold the first four only.
const std::vector<std::string> attributes{
    "experiment",  "model",       "topology_text", "run",   "dataset",
    "data_origin", "data_sha256", "split",         "guess", "guess_probabilities"};

void demand_all(const Reader& file) {
  std::vector<std::string> missing;
  for (const std::string& name : attributes) {
    if (!file.has_attribute("/", name)) missing.push_back(name);
  }
  if (missing.empty()) return;
  throw UserError(file.where("/"), "does not say " + listing(missing),
                  "weights that deepfog run of this version has saved");
}

std::string read_word(const Reader& file, const std::string& name, const std::vector<std::string>& allowed) {
  std::string word = file.text("/", name);
  if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
    throw UserError(file.where("/@" + name), "'" + word + "'", listing(allowed));
  }
  return word;
}

std::string read_sha256(const Reader& file, const std::string& name) {
  std::string sum = file.text("/", name);
  if (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw UserError(file.where("/@" + name), "'" + sum.substr(0, 80) + "'", "64 hexadecimal digits");
  }
  return sum;
}

std::vector<double> read_guess(const Reader& file, std::int64_t classes) {
  const hdf5::Entry entry = file.open_attribute("/", "guess_probabilities");
  std::vector<double> probabilities = Reader::read<double>(entry, {classes});
  double sum = 0;
  for (const double probability : probabilities) {
    if (!(probability >= 0 && probability <= 1)) {
      throw UserError(entry.where, std::to_string(probability), "0 to 1");
    }
    sum += probability;
  }
  if (std::abs(sum - 1) > 1e-9) throw UserError(entry.where, "sum to " + std::to_string(sum), "1");
  return probabilities;
}

Normalisation read_normalisation(const Reader& file, const Topology& topology) {
  Normalisation normalisation;
  const std::string group = "/normalisation";
  if (!file.has(group)) return normalisation;
  normalisation.centre = file.table<float>(group + "/centre", {-1});
  const auto features = static_cast<std::int64_t>(normalisation.centre.size());
  normalisation.deviation = file.table<float>(group + "/deviation", {features});
  const std::string fault = fault_of(normalisation);
  if (!fault.empty()) throw UserError(file.where(group), fault, "finite centres, deviations above 0");
  std::int64_t widths = 0;
  for (const Source& source : topology.sources()) widths += source.width;
  if (features < widths) {  // more are right: a topology need not use every source of a data set
    throw UserError(file.where(group), std::to_string(features) + " features",
                    "at least " + std::to_string(widths) + ", the sources of the topology");
  }
  return normalisation;
}

std::int64_t read_number(const Reader& file, const std::string& name, std::int64_t least, std::int64_t most) {
  const auto number = file.value<std::int64_t>("/cut", name);
  if (number < least || number > most) {
    throw UserError(file.where("/cut@" + name), std::to_string(number),
                    std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

/// Whether the neurons are those of a partition of the network is not known here.
CutOrigin read_cut(const Reader& file) {
  constexpr std::int64_t most_devices = 64, most_pixels = 65536;
  CutOrigin cut;
  cut.network = file.text("/cut", "network");
  const hdf5::Entry image = file.open_attribute("/cut", "image");
  const auto extents = Reader::read<std::int64_t>(image, {3});
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] < 1 || extents[i] > most_pixels) {
      throw UserError(image.where, std::to_string(extents[i]), "1 to " + std::to_string(most_pixels));
    }
    cut.image[i] = extents[i];
  }
  cut.classes = read_number(file, "classes", 1, 1000000);
  cut.method = file.text("/cut", "method");
  cut.devices = read_number(file, "devices", 1, most_devices);
  cut.spare = read_number(file, "spare", -1, cut.devices - 1);
  cut.drawn = read_number(file, "drawn", 0, 1) == 1;
  cut.sizes = file.table<std::int64_t>("/cut/sizes", {-1, cut.devices});
  std::int64_t sum = 0;
  for (const std::int64_t size : cut.sizes) {
    if (size < 0 || size > 1000000) {
      throw UserError(file.where("/cut/sizes"), std::to_string(size), "0 to 1000000");
    }
    sum += size;
  }
  cut.neurons = file.table<std::int64_t>("/cut/neurons", {sum});
  return cut;
}

}  // namespace

WeightsOrigin load_weights_origin(const std::string& path) {
  const Reader file(path, "deepfog-weights", 1);
  demand_all(file);
  WeightsOrigin origin;
  origin.experiment = file.text("/", "experiment");
  origin.model = file.text("/", "model");
  origin.run = file.value<std::int64_t>("/", "run");
  if (origin.run < 0) throw UserError(file.where("/@run"), std::to_string(origin.run), "at least 0");
  origin.topology_text = file.text("/", "topology_text");
  const Topology topology = parse_topology(origin.topology_text, file.where("/@topology_text"));
  origin.dataset = file.text("/", "dataset");
  origin.data_origin = read_word(file, "data_origin", {"real", "synthetic"});
  origin.data_sha256 = read_sha256(file, "data_sha256");
  origin.split = file.text("/", "split");
  origin.guess = read_word(file, "guess", {"uniform", "class_frequency"});
  origin.guess_probabilities = read_guess(file, topology.classes());
  origin.normalisation = read_normalisation(file, topology);
  if (topology.is_cut()) origin.cut = read_cut(file);
  if (origin.cut && origin.cut->classes != topology.classes()) {
    throw UserError(file.where("/cut@classes"), std::to_string(origin.cut->classes),
                    std::to_string(topology.classes()) + ", as the topology has");
  }
  return origin;
}

}  // namespace deepfog
