#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/results_file.hpp"
#include "results/violations.hpp"

namespace deepfog::verification {

/// Equation 3 as it stands in the paper: the sum over all combinations, apart from the folding that made the
/// figures.
double equation_3(const std::vector<double>& probability, const double* values);

/// verify() for one model of an experiment whose sizes are known to be sound.
/// @param probabilities  setting -> Equation 2 for every combination
/// @param complete       whether every run must be done
void verify_model(const ExperimentResults& experiment, const ModelResults& model,
                  const std::map<std::string, std::vector<double>>& probabilities, bool complete,
                  Violations& violations);

}  // namespace deepfog::verification
