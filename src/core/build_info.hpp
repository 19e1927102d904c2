#pragma once

#include <string>

namespace deepfog {

/// What was built from which sources; recorded in every results file.
struct BuildInfo {
  std::string version;     ///< project version
  std::string git_sha;     ///< "unknown" outside a checkout
  bool git_dirty = false;  ///< tracked files differed from git_sha at build time
  std::string compiler;
};
const BuildInfo& build_info();

}  // namespace deepfog
