#pragma once

#include "results/results_file.hpp"
#include "results/violations.hpp"

namespace deepfog::verification {

/// verify() for every floating-point number of a file: it is finite. NaN is allowed in the rows of runs that
/// are not done and where the layout says so (thresholds of a front, energies, settling times).
void verify_numbers(const Results& results, Violations& violations);

}  // namespace deepfog::verification
