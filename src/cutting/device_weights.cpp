#include "cutting/device_weights.hpp"

#include <filesystem>

#include "evaluation/sweep.hpp"
#include "partition/cut_topology.hpp"
#include "partition/cut_weights.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
std::string topology_text(const CuttingJob& job, const CutExperimentSpec& experiment,
                          const CutModelSpec& model, const Partition& partition) {
  return cut_topology_text(cut_plan(plan_cnn(job.cnn)), partition, experiment.name + "-" + model.name,
                           job.data.sources.front().name);
}

void save_device_weights(const CuttingJob& job, const StoredNetwork& network,
                         const CutExperimentSpec& experiment, const CutModelSpec& model,
                         const Partition& partition, std::int64_t run) {
  WeightsOrigin origin;
  origin.experiment = experiment.name;
  origin.model = model.name;
  origin.topology_text = topology_text(job, experiment, model, partition);
  origin.run = run;
  origin.dataset = job.data.name;
  origin.data_origin = job.data.origin;
  origin.data_sha256 = job.data.content_sha256;
  origin.split = job.data.split;
  origin.guess = job.spec.guess;
  origin.guess_probabilities = guess_probabilities(job.data, job.spec.guess);
  origin.normalisation = network.normalisation;
  origin.cut = cut_origin(job.cnn, partition);
  origin.cut->drawn = job.spec.random();
  const std::string path = job.weights_path(experiment.name, model.name, run);
  std::filesystem::create_directories(job.folder());
  save_weights(path, cut_weights(job.cnn, network.weights, partition, path), origin);
}

}  // namespace deepfog
