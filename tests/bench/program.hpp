#pragma once

#include <string>
#include <vector>

#include "topology/samples.hpp"
#include "topology/topology.hpp"
#include "topology/weights.hpp"

namespace deepfog::bench {

/// main() of a benchmark: `--help` and a wrong number of arguments print `usage`; errors become one line and
/// the exit code.
int run(int argc, char** argv, int arguments, const char* usage,
        int (*body)(const std::vector<std::string>& arguments));

/// A trained network and the test samples that it is swept over.
struct Case {
  Topology topology;
  Dataset dataset;
  std::vector<Columns> columns;
  Weights weights;
  SampleView test() const { return view(dataset.test); }
};

/// A data-set file under its default split, and a weights file (bench_weights).
Case load_case(const std::string& topology, const std::string& dataset, const std::string& weights);

}  // namespace deepfog::bench
