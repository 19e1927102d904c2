#pragma once

#include "results/results_file.hpp"

namespace deepfog::test {

/// Gives a model of sample_results() a partition of three devices, two runs and two layers of 4 and 6
/// neurons, by one of the five methods; of robustdice with a search of four points.
void add_partition(ModelResults& model, const std::string& method);

/// A valid file: sample_results() with `vanilla` cut by CDC and `deepfogguard` by RobustDiCE.
Results sample_results_with_partitions();

}  // namespace deepfog::test
