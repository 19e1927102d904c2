#pragma once

#include <fstream>

#include "../models/random_network.hpp"
#include "../storage/sample_dataset.hpp"
#include "../storage/scratch.hpp"
#include "distributed/job.hpp"
#include "storage/dataset_file.hpp"
#include "storage/weights_file.hpp"

namespace deepfog::test {

/// Three nodes with a skip over the middle one; the sources are those of sample_floats().
inline const char* three_nodes() {
  return "topology three\nsource left 2\nsource right 3\nnode a relu:4\nnode b relu:4\nnode c linear:3\n"
         "link left -> a\nlink right -> a\nlink a -> b\nlink b -> c\nlink a -> c skip\nfails a b\n";
}

/// A folder with a data set (4 test rows in the split `thirds`) and weights derived from a seed.
class TrainedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    sample_floats().write(scratch.path("data.h5"));
    write_weights(load_dataset(scratch.path("data.h5"), "thirds").content_sha256);
    spec.weights = scratch.path("weights.h5");
    spec.output = scratch.path("results.h5");
    spec.command_line = "deepfog infer";
  }

  void write_weights(const std::string& data_sha256) {
    const Topology topology = parse_topology(three_nodes(), "test");
    const RandomNetwork random(topology, 7, 1);
    WeightsOrigin origin{"three",     "plain",     three_nodes(), 2,         scratch.path("data.h5"),
                         "synthetic", data_sha256, "thirds",      "uniform", {1. / 3, 1. / 3, 1. / 3},
                         {}};
    save_weights(scratch.path("weights.h5"), random.weights, origin);
  }

  Scratch scratch;
  DistributedSpec spec;
};

}  // namespace deepfog::test
