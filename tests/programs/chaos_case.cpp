// One case of the chaos test: a random topology of 2 to 6 nodes, random weights and a random failure script.
#include <cstdio>
#include <fstream>

#include "core/error.hpp"
#include "inference/random_script.hpp"
#include "models/random_network.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kRounds = 100;

/// The first of the seed's topologies that has a size for a few ranks.
Topology small_topology(std::uint64_t seed) {
  RandomTopologyOptions options;
  options.most_failing = 5;
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::string text = random_topology_text(1000 * seed + attempt, options);
    Topology topology = parse_topology(text, "random " + std::to_string(seed));
    if (topology.nodes().size() >= 2 && topology.nodes().size() <= 6) return topology;
  }
}

std::string sources_of(const Topology& topology) {
  std::string text;
  for (const Source& source : topology.sources())
    text += (text.empty() ? "" : ",") + source.name + ":" + std::to_string(source.width);
  return text;
}

/// Writes FOLDER/weights.h5 and FOLDER/script.txt; prints the nodes in order, then the sources.
int write_case(std::uint64_t seed, const std::string& folder) {
  const Topology topology = small_topology(seed);
  const test::RandomNetwork random(topology, seed, 1);
  const auto classes = static_cast<std::size_t>(topology.classes());
  WeightsOrigin origin;
  origin.experiment = "chaos";
  origin.model = "random";
  origin.topology_text = topology.text();
  origin.dataset = "random";
  origin.data_origin = "synthetic";
  origin.data_sha256 = std::string(64, '0');
  origin.split = "random";
  origin.guess = "uniform";
  origin.guess_probabilities.assign(classes, 1.0 / static_cast<double>(classes));
  save_weights(folder + "/weights.h5", random.weights, origin);
  RandomScriptOptions options;
  options.longest_us = 300'000;
  std::ofstream script(folder + "/script.txt");
  script << random_script(topology, seed, kRounds, options);
  script.close();
  if (!script) throw Failure(folder + "/script.txt: cannot be written");
  for (const PhysicalNode& node : topology.nodes()) std::printf("%s ", node.name.c_str());
  std::printf("\n%s\n", sources_of(topology).c_str());
  return 0;
}

}  // namespace
}  // namespace deepfog

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: chaos_case SEED FOLDER\n");
    return 2;
  }
  try {
    return deepfog::write_case(std::stoull(argv[1]), argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chaos_case: %s\n", error.what());
    return 1;
  }
}
