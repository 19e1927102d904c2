#include <cstdlib>
#include <filesystem>

#include "core/error.hpp"
#include "core/home.hpp"
#include "core/spelling.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

bool is_file(const std::filesystem::path& path) {
  std::error_code error;  // an unreadable folder holds nothing for us
  return std::filesystem::is_regular_file(path, error);
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || std::filesystem::path(name).extension() == ".h5";
}

}  // namespace

std::vector<std::string> dataset_folders() {
  std::vector<std::string> folders;
  const char* set = std::getenv("DEEPFOG_DATA_DIR");
  if (set != nullptr && *set != '\0') folders.emplace_back(set);
  folders.emplace_back("data/cache");
  const std::string tree = home_folder() + "/data/cache";
  std::error_code error;
  if (std::filesystem::is_directory(tree, error) && !std::filesystem::equivalent(tree, "data/cache", error)) {
    folders.push_back(tree);
  }
  return folders;
}

std::string find_dataset(const std::string& name, const std::vector<std::string>& folders) {
  if (is_path(name)) {
    if (!is_file(name))
      throw UserError(name, "no such data-set file", "a file, or a name as in data/get.sh NAME");
    return name;
  }
  for (const std::string& folder : folders) {
    for (const char* ending : {".h5", ".synthetic.h5"}) {
      const std::filesystem::path path = std::filesystem::path(folder) / (name + ending);
      if (is_file(path)) return path.string();
      std::error_code error;
      if (std::filesystem::is_directory(path, error))
        throw UserError(path.string(), "a folder", "a data-set file of that name");
    }
  }
  throw UserError(name, "no " + name + ".h5 or " + name + ".synthetic.h5 in " + listing(folders),
                  "data/prepare.sh makes mhealth, mhealth-windows, camera, cifar10, mnist and mnist-tiles, "
                  "data/README.md tells of others");
}

}  // namespace deepfog
