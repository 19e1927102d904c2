#pragma once

#include <string>

#include "results/results_file.hpp"

namespace deepfog {

/// One table per experiment: rows are models, columns are reliability settings. Cells give the average
/// accuracy in percent, as mean and 95 % interval over the finished runs, and the gain over the first model
/// in points. The text says whether the data are real.
std::string result_tables(const Results& results);

/// One greppable line per model and setting: "RESULT experiment=health model=vanilla setting=normal ...".
std::string result_lines(const Results& results);

}  // namespace deepfog
