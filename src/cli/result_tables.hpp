#pragma once

#include <string>

#include "results/results_file.hpp"

namespace deepfog {

/// One table an experiment: rows are models, columns reliability settings; average accuracy in percent, mean
/// and 95 % interval over the runs that are done, and the gain over the first model in points. Says whether
/// the data are real.
std::string result_tables(const Results& results);

/// One greppable line a model and setting: "RESULT experiment=health model=vanilla setting=normal ...".
std::string result_lines(const Results& results);

}  // namespace deepfog
