// Results, weights, data sets and scored networks.
#include "../results/sample_exits.hpp"
#include "../results/sample_inference.hpp"
#include "../results/sample_partition.hpp"
#include "../results/sample_results.hpp"
#include "../storage/sample_dataset.hpp"
#include "core/error.hpp"
#include "fuzz.hpp"
#include "mutate.hpp"
#include "results/results_file.hpp"
#include "results/verify.hpp"
#include "storage/dataset_file.hpp"
#include "storage/network_file.hpp"
#include "storage/weights_file.hpp"

namespace deepfog::fuzz {
namespace {

/// Every fifth input is a file with changed bytes, the others are valid HDF5.
class Hdf5Reader : public Reader {
 public:
  void make(RandomStream& draw, const std::string& path) override {
    const std::string& seed = seeds_[draw.below(seeds_.size())];
    const std::uint64_t manner = draw.below(10);
    write_bytes(path, seed);
    if (manner != 0) mutate_hdf5(path, draw);
    if (manner < 2) write_bytes(path, mutate_bytes(read_bytes(path), draw));
  }

 protected:
  void add_seed(const std::string& path) { seeds_.push_back(read_bytes(path)); }

 private:
  std::vector<std::string> seeds_;
};

/// Models of the forms "classes" and "bounds" instead of combinations.
Results other_forms() {
  Results results = test::sample_results();
  ExperimentResults& e = results.experiments.front();
  const auto runs = static_cast<std::size_t>(e.runs), n = e.nodes.size();
  ModelResults &classes = e.models[0], &bounds = e.models[1];
  for (ModelResults* model : {&classes, &bounds}) {
    model->correct.clear(), model->flow.clear(), model->accuracy.clear(), model->confusion.clear();
    model->average_precision.clear(), model->average_recall.clear();
    model->right.clear(), model->right_row.clear();
  }
  classes.text["table"] = "classes";
  classes.class_correct.assign(2 * runs, 5);
  classes.class_accuracy.assign(2 * runs, .5);
  for (std::size_t i = 0; i < n; ++i) {
    classes.diagram.position.push_back(static_cast<std::int32_t>(i));
    classes.diagram.states.push_back(1);
    classes.diagram.failed.push_back(0);
    classes.diagram.alive.push_back(0);
  }
  classes.diagram.class_of_state = {1};
  bounds.text["table"] = "bounds";
  bounds.explored.assign(runs, 8);
  for (const auto& [setting, survival] : e.reliability) {
    bounds.bounds[setting].assign(2 * runs, .5);
    bounds.explored_mass[setting].assign(runs, 1);
    bounds.methods[setting] = "bounds";
  }
  return results;
}

class ResultsReader : public Hdf5Reader {
 public:
  explicit ResultsReader(const std::string& folder) {
    const std::string path = folder + "/seed.h5";
    for (const Results& results :
         {test::sample_results(), test::sample_results_with_exits(), test::sample_results_with_inference(),
          test::sample_results_with_partitions(), test::sample_results_of_inference_alone(), other_forms()}) {
      write_results(path, results);
      add_seed(path);
    }
  }
  void read(const std::string& path) override {
    answered([&] {
      for (const std::string& finding : verify(read_results(path))) check_line(finding);
    });
  }
};

class WeightsReader : public Hdf5Reader {
 public:
  explicit WeightsReader(const std::string& folder) {
    const std::string path = folder + "/seed.h5";
    const Weights weights = {{"edge", "z.weight", {2, 3}, {1, 2, 3, 4, 5, 6}},
                             {"cloud", "b.bias", {3}, {-1, 0, 1}},
                             {"edge", "a.bias", {2}, {0.5F, -0.5F}},
                             {"cloud", "a.weight", {1, 1, 2}, {7, 8}}};
    WeightsOrigin origin;
    origin.experiment = "health";
    origin.model = "vanilla";
    origin.topology_text =
        "topology x\nsource s 2\nnode edge relu:3\nnode cloud linear:3\nlink s -> edge\nlink edge -> cloud\n";
    origin.dataset = "mhealth";
    origin.data_origin = "synthetic";
    origin.data_sha256 = std::string(64, '0');
    origin.split = "rows";
    origin.guess = "uniform";
    origin.guess_probabilities = {1.0 / 3, 1.0 / 3, 1.0 / 3};
    save_weights(path, weights, origin);
    add_seed(path);
    origin.normalisation = {{1, 0}, {2, 1}};
    origin.cut = CutOrigin{"small", {2, 1, 1}, 3, "robustdice", 2, -1, {2, 2}, {0, 1, 1, 2}, true};
    origin.topology_text =
        "topology x\nsource s 2\nnode d1\nnode d2\nnode host gather:3\nstage in1 on d1 gather:2\n"
        "stage in2 on d2 gather:2\nstage p1 on d1 part:2\nstage p2 on d2 part:2\nlink s -> in1\nlink s -> "
        "in2\n"
        "link in1 -> p1\nlink in2 -> p2\nlink p1 -> host\nlink p2 -> host\nfails d1 d2\n";
    save_weights(path, weights, origin);
    add_seed(path);
  }
  void read(const std::string& path) override {
    answered([&] { load_weights(path); });
    answered([&] { load_weights_origin(path); });
    answered([&] { check_weights_file(path); });
    answered([&] { load_node_weights(path, "edge"); });
  }
};

class DatasetReader : public Hdf5Reader {
 public:
  explicit DatasetReader(const std::string& folder) {
    const std::string path = folder + "/seed.h5";
    for (const test::SampleDataset& dataset : {test::sample_bytes(), test::sample_floats()}) {
      dataset.write(path);
      add_seed(path);
    }
  }
  void read(const std::string& path) override {
    answered([&] { load_dataset(path, ""); });
    answered([&] { load_dataset(path, "", 1, Parts::test); });
    answered([&] { load_test_rows(path, "", 0, 1); });
  }
};

class NetworkReader : public Hdf5Reader {
 public:
  explicit NetworkReader(const std::string& folder) {
    const std::string path = folder + "/seed.h5";
    StoredNetwork network;
    network.key = std::string(64, 'a');
    network.weights = {{"net", "features.0.weight", {2, 1, 3, 1}, {1, 2, 3, 4, 5, 6}},
                       {"net", "features.0.bias", {2}, {-1, 0.5F}}};
    network.normalisation = {{0.25F, 0.5F}, {1, 2}};
    network.best_epoch = 7;
    network.layers = {"features.0", "classifier.1"};
    network.scores = {{{1.5, 2, 3}, {4, 5, 0.1}}, {{7, 8, 9}}};
    save_network(path, network);
    add_seed(path);
  }
  void read(const std::string& path) override {
    answered([&] { load_network(path, std::string(64, 'a')); });
  }
};

}  // namespace

std::vector<NamedReader> hdf5_readers() {
  return {{"results", [](const std::string& folder) { return std::make_unique<ResultsReader>(folder); }},
          {"weights", [](const std::string& folder) { return std::make_unique<WeightsReader>(folder); }},
          {"datasets", [](const std::string& folder) { return std::make_unique<DatasetReader>(folder); }},
          {"networks", [](const std::string& folder) { return std::make_unique<NetworkReader>(folder); }}};
}

}  // namespace deepfog::fuzz
