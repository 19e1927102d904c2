#pragma once

#include <string>
#include <vector>

#include "results/results_file.hpp"

namespace deepfog {

/// Every invariant of a results file: schema, counts in 0..test_samples, accuracy = correct / test_samples
/// (guess where nothing flows), flow against the stored topology, probabilities that sum to 1, averages equal
/// to Equation 3 and within [min, max] of the table, no failure = the undistributed network's count,
/// confusion sums. Of a network cut over devices: neurons held, bytes, the Pareto front. Of a distributed
/// run: rounds without gaps, what each used could have been there, predictions and counts that agree, bytes
/// as predicted, membership that alternates. Every number is finite but for those that are declared otherwise
/// (NaN for what is not done or not measured), and experiments, models and their training are those of
/// config_text. Returns what is wrong, one line each; empty: VALID, or as far as an unfinished file goes
/// nothing is wrong. Runs not done are left out.
std::vector<std::string> verify(const Results& results);

}  // namespace deepfog
