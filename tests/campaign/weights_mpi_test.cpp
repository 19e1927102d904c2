// The weights files of a campaign: each must be enough to run its network elsewhere.

#include <gtest/gtest.h>

#include "campaign_fixture.hpp"
#include "models/node_network.hpp"
#include "storage/dataset_file.hpp"
#include "storage/weights_file.hpp"

namespace deepfog {
namespace {

/// Right answers of a weights file on the test samples, a combination each, from the file and the data alone.
std::vector<std::int64_t> correct_answers(const std::string& path, const std::string& data) {
  const WeightsOrigin origin = load_weights_origin(path);
  const Topology topology = parse_topology(origin.topology_text, path);
  Dataset dataset = load_dataset(data, origin.split);
  EXPECT_EQ(dataset.content_sha256, origin.data_sha256);
  EXPECT_EQ(dataset.name, origin.dataset);
  origin.normalisation.apply(dataset.test);
  const SimulatedNetwork network(topology, match_sources(topology, dataset, path), load_weights(path), path);
  std::vector<std::int64_t> correct;
  for (Combination b = 0; b <= all_alive(topology.failing()); ++b) {
    const std::vector<std::int64_t> labels = network.labels(view(dataset.test), b);
    correct.push_back(0);
    for (std::size_t i = 0; i < labels.size(); ++i) correct.back() += labels[i] == dataset.test.labels[i];
  }
  return correct;
}

TEST_F(CampaignTest, AWeightsFileIsEnoughToRunItsNetwork) {
  ExperimentSpec& experiment = spec_.experiments.at(0);
  experiment.guess = "class_frequency";
  experiment.models.at(1).training.normalise = "standard";
  for (const char* trainer : {"libtorch", "fused"}) {
    spec_.trainer = trainer;
    options_.restart = true;
    const Results results = run().results;
    if (!leads()) continue;
    const ExperimentResults& written = results.experiments.at(0);
    for (const RunKey key : {RunKey{0, 0, 0}, RunKey{0, 0, 1}, RunKey{0, 1, 0}, RunKey{0, 1, 1}}) {
      const std::string path = weights_path(spec_, key);
      const WeightsOrigin origin = load_weights_origin(path);
      const ModelResults& model = written.models.at(static_cast<std::size_t>(key.model));
      EXPECT_EQ(origin.experiment, written.name);
      EXPECT_EQ(origin.model, model.name);
      EXPECT_EQ(origin.run, key.run);
      EXPECT_EQ(origin.data_origin, written.data_origin);
      EXPECT_EQ(origin.guess, "class_frequency");
      EXPECT_EQ(origin.guess_probabilities, written.guess_probabilities);
      EXPECT_EQ(origin.normalisation.centre.size(), key.model == 1 ? 5U : 0U);
      const auto first = model.correct.begin() + key.run * 4;
      EXPECT_EQ(correct_answers(path, experiment.dataset_path), std::vector<std::int64_t>(first, first + 4))
          << path;
    }
  }
}

}  // namespace
}  // namespace deepfog
