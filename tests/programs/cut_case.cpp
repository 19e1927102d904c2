// Weights of a convolutional network that was never trained, cut over devices, as `deepfog partition` leaves
// them for `deepfog infer`: for the tests and for measurements.
#include <cstdio>
#include <map>

#include "core/error.hpp"
#include "models/cnn_sample.hpp"
#include "partition/baselines.hpp"
#include "partition/cut_layers.hpp"
#include "partition/cut_topology.hpp"
#include "partition/cut_weights.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

/// Scores drawn, a threshold under which some neurons are replicated.
Partition robust(const std::vector<CutLayer>& layers, int devices, double threshold) {
  Scores scores;
  std::uint64_t seed = 0;
  for (const CutLayer& layer : layers) scores.push_back(test::random_scores(layer.neurons, ++seed));
  RobustSpec spec;
  spec.devices = devices;
  spec.thresholds = {threshold};
  return robust_partition(scores, spec, "cut_case");
}

Partition made(const std::string& method, const std::vector<CutLayer>& layers, int devices) {
  if (method == "lop") return lop_partition(layers, devices);
  if (method == "cdc") return cdc_partition(layers, devices);
  if (method == "replicated") return replicated_partition(layers, devices);
  if (method == "robustdice") return robust(layers, devices, 1.5);
  throw UserError("cut_case", "method " + method, "lop, cdc, replicated, robustdice");
}

/// @param arguments  NETWORK CHANNELS SIDE CLASSES METHOD DEVICES FILE
int write_case(char** arguments) {
  const std::int64_t side = std::stoll(arguments[3]);
  const CnnSpec spec{arguments[1], {std::stoll(arguments[2]), side, side}, std::stoll(arguments[4])};
  const std::string path = arguments[7];
  const CutPlan plan = cut_plan(plan_cnn(spec));
  const Partition partition = made(arguments[5], plan.layers, std::stoi(arguments[6]));
  WeightsOrigin origin;
  origin.experiment = spec.name;
  origin.model = partition.method;
  origin.topology_text = cut_topology_text(plan, partition, spec.name + "-" + partition.method, "image");
  origin.dataset = "images";
  origin.data_origin = "synthetic";
  origin.data_sha256 = std::string(64, '0');
  origin.split = "random";
  origin.guess = "uniform";
  origin.guess_probabilities.assign(static_cast<std::size_t>(spec.classes),
                                    1.0 / static_cast<double>(spec.classes));
  origin.cut = cut_origin(spec, partition);
  save_weights(path, cut_weights(spec, test::random_weights(spec, 1), partition, "cut_case"), origin);
  const Topology topology = parse_topology(origin.topology_text, "cut_case");
  for (const PhysicalNode& node : topology.nodes()) std::printf("%s ", node.name.c_str());
  std::printf("\n%s", summary(partition, plan.layers).c_str());
  return 0;
}

}  // namespace
}  // namespace deepfog

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr, "usage: cut_case NETWORK CHANNELS SIDE CLASSES METHOD DEVICES FILE\n");
    return 2;
  }
  try {
    return deepfog::write_case(argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cut_case: %s\n", error.what());
    return 1;
  }
}
