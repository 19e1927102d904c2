#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cutting/spec.hpp"
#include "models/cut_network_layers.hpp"
#include "storage/network_file.hpp"
#include "topology/samples.hpp"

namespace deepfog {

/// What all runs of a study have in common, read and checked.
struct CuttingJob {
  CuttingSpec spec;
  Dataset data;  ///< as in the file; test samples have labels, and values only in the file
  CnnSpec cnn;
  std::vector<CutLayer> layers;
  std::string weights_sha256;  ///< of a given weights file; else empty
  /// Test images in use: row i is row i * stride of the part, since data sets may stand class by class.
  std::int64_t test_samples = 0, test_stride = 1;

  /// "<output>.partitions"
  std::string folder() const { return spec.output + ".partitions"; }
  std::string network_path(std::int64_t run) const;
  /// Of the devices of a partition, as deepfog infer takes them.
  std::string weights_path(const std::string& experiment, const std::string& model, std::int64_t run) const;
};

/// Throws UserError on what is wrong with the spec, the data set or the weights file: no images, another
/// shape, nothing to train or to search on, more devices than a layer has neurons.
CuttingJob load_cutting_job(const CuttingSpec& spec);

/// (epoch from 1, epochs): false stops with Interrupted.
using TrainingProgress = std::function<bool(std::int64_t epoch, std::int64_t epochs)>;

/// Sees to the network of a run with its importance scores: trained here, drawn, or read, and its file
/// written at once. From a file made before nothing is made again but scores that it lacks and are needed
/// now.
void prepare_network(const CuttingJob& job, std::int64_t run, const TrainingProgress& progress);

/// The network of a run, once it has been prepared. Throws Failure when that is gone or of another study.
StoredNetwork read_network(const CuttingJob& job, std::int64_t run);

/// The validation images a search by accuracy looks at, as the network sees them: [search_images, features].
SampleSet search_samples(const CuttingJob& job, const StoredNetwork& network);

/// Test images in use, [begin, end) of them, as the network sees them.
SampleSet test_samples(const CuttingJob& job, const StoredNetwork& network, std::int64_t begin,
                       std::int64_t end);

/// Which part of the data set the calibration images are from: train, else validation, else test.
std::string calibration_part(const Dataset& data);

}  // namespace deepfog
