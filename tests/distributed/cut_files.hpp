#pragma once

#include "../models/cnn_sample.hpp"
#include "../storage/sample_dataset.hpp"
#include "../storage/scratch.hpp"
#include "core/seed.hpp"
#include "distributed/job.hpp"
#include "partition/baselines.hpp"
#include "partition/cut_topology.hpp"
#include "partition/cut_weights.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog::test {

/// A folder with a data set of small images (4 test rows in the split `thirds`) and the weights of a network
/// that is cut over devices.
class CutFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    SampleDataset data = sample_floats();
    data.sources = {"image"};
    data.widths = {spec_.image.values()};
    data.features = spec_.image.values();
    data.floats.clear();
    RandomStream stream(3);
    for (std::int64_t i = 0; i < data.rows * data.features; ++i)
      data.floats.push_back(static_cast<float>(stream.uniform()));
    data.write(scratch.path("data.h5"));
    spec.weights = scratch.path("weights.h5");
    spec.output = scratch.path("results.h5");
    spec.command_line = "deepfog infer";
    write_weights(lop_partition(layers(), 3));
  }

  std::vector<CutLayer> layers() const { return cut_plan(plan_cnn(spec_)).layers; }

  void write_weights(const Partition& partition) {
    WeightsOrigin origin{"cut",
                         partition.method,
                         cut_topology_text(cut_plan(plan_cnn(spec_)), partition, "cut", "image"),
                         0,
                         scratch.path("data.h5"),
                         "synthetic",
                         load_dataset(scratch.path("data.h5"), "thirds").content_sha256,
                         "thirds",
                         "uniform",
                         {1. / 3, 1. / 3, 1. / 3},
                         {}};
    origin.cut = cut_origin(spec_, partition);
    save_weights(spec.weights, cut_weights(spec_, random_weights(spec_, 1), partition, "test"), origin);
  }

  CnnSpec spec_{"convnext_small", {1, 8, 8}, 3};
  Scratch scratch;
  DistributedSpec spec;
};

}  // namespace deepfog::test
