#pragma once

#include "results/results_file.hpp"

namespace deepfog::test {

/// A complete and valid results file of one experiment: three nodes in a row that may fail, a skip over the
/// middle one, two settings beside no failure, two models, two runs, ten test samples in three classes. Its
/// figures are made here, not by the program, from a rule that gives each combination another confusion
/// table.
Results sample_results();

/// Recomputes what follows from the counts and confusion tables of a model (accuracy, averages).
void recompute(const ExperimentResults& experiment, ModelResults& model);

}  // namespace deepfog::test
