#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/environment_report.hpp"
#include "cli/ini_file.hpp"
#include "cli/options.hpp"
#include "core/home.hpp"
#include "core/spelling.hpp"
#include "storage/dataset_file.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace fs = std::filesystem;
namespace {

/// Files of a folder with an extension, sorted by name.
std::vector<std::string> files(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() == extension) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// configs/ of the working directory, otherwise the configs shipped with the program.
fs::path configs() {
  if (fs::is_directory("configs")) return "configs";
  return fs::path(home_folder()) / "configs";
}

void list_topologies() {
  for (const auto& path : files(configs() / "topologies", ".topology")) {
    const Topology topology = load_topology(path);
    std::size_t layers = 0, skips = 0;
    for (const auto& stage : topology.stages()) layers += stage.layers.size();
    for (const auto& link : topology.hyperconnections()) skips += link.skip ? 1 : 0;
    std::cout << path << ": " << topology.sources().size() << " sources, " << topology.nodes().size()
              << " nodes (" << topology.failing() << " can fail: " << listing(topology.failing_names())
              << "), " << layers << " layers, " << topology.hyperconnections().size() << " hyperconnections ("
              << skips << " skip)\n";
  }
}

void list_datasets() {
  bool any = false;
  for (const auto& folder : dataset_folders()) {
    for (const auto& path : files(folder, ".h5")) {
      any = true;
      const Dataset dataset = load_dataset(path, "", 0, Parts::test);
      std::cout << path << ": " << dataset.title << ", " << (dataset.origin == "real" ? "real" : "SYNTHETIC")
                << ", " << dataset.classes() << " classes, default split " << dataset.split << " "
                << dataset.train.size() << "/" << dataset.validation.size() << "/" << dataset.test.size()
                << "\n";
    }
  }
  if (!any) std::cout << "no data set yet: data/prepare.sh NAME makes one\n";
}

void list_configs() {
  for (const auto& path : files(configs(), ".ini")) {
    const IniFile file = read_ini(path);
    std::cout << path << ":";
    for (const auto& section : file.sections) std::cout << " [" << section.name << "]";
    std::cout << "\n";
  }
}

void list_verbs(const Invocation& invocation) {
  for (const auto& verb : *invocation.verbs) std::cout << verb.name << ": " << verb.summary << "\n";
}

void list_environment() {
  for (const auto& [key, value] : environment_report()) std::cout << key << ": " << value << "\n";
}

}  // namespace

ExitCode list_verb(const Invocation& invocation) {
  static const std::vector<std::string> usual{"topologies", "datasets", "configs", "verbs"};
  static const std::vector<std::string> kinds{"topologies", "datasets", "configs", "verbs", "environment"};
  po::options_description options("options");
  options.add_options()("help,h", "this text")("what", po::value<std::vector<std::string>>(),
                                               "what to list (also without --what)")(
      "environment", "as the word environment");
  const auto values =
      parse_options(invocation, options, "what",
                    "usage: deepfog list [topologies|datasets|configs|verbs|environment ...]\n\n"
                    "Lists what there is; the first four without argument. environment: versions and\n"
                    "libraries, cores, launcher and GPUs, a line \"key: value\" each.\n",
                    "  deepfog list topologies\n");
  if (!values) return ExitCode::good;
  const bool named = values->count("what") != 0, environment = values->count("environment") != 0;
  auto wanted = named         ? (*values)["what"].as<std::vector<std::string>>()
                : environment ? std::vector<std::string>{}
                              : usual;
  if (environment) wanted.emplace_back("environment");
  for (const auto& kind : wanted) {
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) continue;
    const std::string nearest = nearest_name(kind, kinds);
    throw UserError("deepfog list " + kind, "unknown kind",
                    nearest.empty() ? listing(kinds) + " allowed" : "did you mean " + nearest + "?");
  }
  for (const auto& kind : wanted) {
    std::cout << kind << ":\n";
    if (kind == "topologies") list_topologies();
    if (kind == "datasets") list_datasets();
    if (kind == "configs") list_configs();
    if (kind == "verbs") list_verbs(invocation);
    if (kind == "environment") list_environment();
  }
  return ExitCode::good;
}

}  // namespace deepfog
