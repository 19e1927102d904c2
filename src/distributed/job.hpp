#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "distributed/spec.hpp"
#include "inference/failure_script.hpp"
#include "storage/weights_file.hpp"
#include "topology/samples.hpp"

namespace deepfog {

/// A distributed run with all its inputs read and checked; the same on every rank except for the samples.
struct Job {
  DistributedSpec spec;
  WeightsOrigin origin;
  Topology topology;
  std::vector<Columns> columns;  ///< of the topology's sources
  std::string dataset_path, data_origin, data_sha256, split;
  /// Rows of the test split in use: row i is row i * stride of the split, since data sets are often sorted by
  /// class or time.
  std::int64_t samples = 0, stride = 1;
  std::int64_t features = 0;         ///< columns of the data set
  std::vector<std::int64_t> labels;  ///< [samples]
  std::vector<Phase> plan;
  FailureScript script;
  std::map<int, std::int64_t> link_timeouts_us;

  int nodes() const { return static_cast<int>(topology.nodes().size()); }
  int last_node() const { return topology.stages().back().node; }
  int depth() const;
  std::chrono::microseconds run_limit() const;  ///< of the rounds
  double guess_accuracy() const;                ///< expected share of right guesses over the labels

  /// Rows [begin, end) of those in use, as the network sees them: [rows, features].
  /// @param most_values  up to this number of values, the rows in between are read as well; otherwise row by
  /// row
  SampleSet read_samples(std::int64_t begin, std::int64_t end,
                         std::int64_t most_values = std::int64_t{1} << 24) const;
  SampleSet read_samples() const { return read_samples(0, samples); }

  /// Weights of one node, read from the weights file, with the thresholds that the spec asks for.
  Weights weights_of(int node) const;
  Weights all_weights() const;
};

/// Throws UserError for any error in the spec or a file.
Job load_job(const DistributedSpec& spec);

}  // namespace deepfog
