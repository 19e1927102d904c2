#include "core/home.hpp"

#include <filesystem>

namespace deepfog {
namespace fs = std::filesystem;

std::string home_folder(const std::string& executable, const std::string& sources) {
  const fs::path installed = (fs::path(executable).parent_path() / DEEPFOG_HOME_FROM_BIN).lexically_normal();
  std::error_code absent;
  return fs::is_directory(installed / "configs", absent) ? installed.string() : sources;
}

std::string home_folder() {
  std::error_code unknown;  // without /proc the sources are used
  return home_folder(fs::read_symlink("/proc/self/exe", unknown).string(), DEEPFOG_SOURCE_DIR);
}

std::string shipped_file(const std::string& path) {
  std::error_code unknown;  // a path that cannot be examined counts as missing
  if (path.empty() || fs::path(path).is_absolute() || fs::exists(path, unknown)) return path;
  const fs::path shipped = fs::path(home_folder()) / path;
  return fs::is_regular_file(shipped, unknown) ? shipped.string() : path;
}

}  // namespace deepfog
