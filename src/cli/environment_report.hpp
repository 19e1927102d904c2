#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/launch.hpp"

namespace deepfog {

/// What the program runs on: (key, value) in display order. Keys are words joined by _.
std::vector<std::pair<std::string, std::string>> environment_report();

/// What launched this process as one of several ("mpirun, 4 ranks", "srun, 4 tasks" or "none"), and the Slurm
/// job it runs in.
std::string launcher_text(const Surroundings& seen);

}  // namespace deepfog
