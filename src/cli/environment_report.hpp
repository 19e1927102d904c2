#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace deepfog {

/// What the program runs on: (key, value) in the order in which to show them; keys are words joined by _.
std::vector<std::pair<std::string, std::string>> environment_report();

/// Who started this process, by the environment variables that `look` finds (null where there is none):
/// mpirun, srun, or nobody.
std::string launcher_seen(const std::function<const char*(const char*)>& look);

}  // namespace deepfog
