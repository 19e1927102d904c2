#include "core/build_info.hpp"

#include "git_state.hpp"
#include "version.hpp"

namespace deepfog {

const BuildInfo& build_info() {
#if defined(__clang__)
  static const BuildInfo info{DEEPFOG_VERSION, DEEPFOG_GIT_SHA, DEEPFOG_GIT_DIRTY,
                              "Clang " __clang_version__};
#else
  static const BuildInfo info{DEEPFOG_VERSION, DEEPFOG_GIT_SHA, DEEPFOG_GIT_DIRTY, "GCC " __VERSION__};
#endif
  return info;
}

}  // namespace deepfog
