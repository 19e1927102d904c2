// Trains a network for the benchmarks: a few epochs on the data set's default split.
#include <cstdio>

#include "core/error.hpp"
#include "program.hpp"
#include "storage/dataset_file.hpp"
#include "storage/weights_file.hpp"
#include "training/trainer.hpp"

namespace deepfog::bench {
namespace {

int train_weights(const std::vector<std::string>& arguments) {
  set_threads(1);
  const Topology topology = load_topology(arguments[0]);
  const Dataset dataset = load_dataset(arguments[1], "");
  TrainingSpec spec;
  spec.epochs = std::stoll(arguments[2]);
  spec.batch_size = std::stoll(arguments[3]);
  const TrainedModel model = train(topology, dataset, spec, 1, [](auto...) { return true; });
  const auto classes = static_cast<std::size_t>(dataset.classes());
  const std::vector<double> guess(classes, 1.0 / static_cast<double>(classes));
  save_weights(arguments[4], model.weights,
               {"bench",
                topology.name(),
                topology.text(),
                0,
                dataset.name,
                dataset.origin,
                dataset.content_sha256,
                dataset.split,
                "uniform",
                guess,
                {}});
  std::fprintf(stderr, "bench_weights: %s: validation accuracy %.3f after %lld epochs, %.1f s\n",
               topology.name().c_str(), model.validation_accuracy, static_cast<long long>(spec.epochs),
               model.seconds);
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 5, "bench_weights TOPOLOGY DATASET EPOCHS BATCH WEIGHTS",
                             deepfog::bench::train_weights);
}
