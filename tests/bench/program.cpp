#include "program.hpp"

#include <cstdio>
#include <cstring>

#include "core/error.hpp"
#include "storage/dataset_file.hpp"
#include "storage/weights_file.hpp"

namespace deepfog::bench {

int run(int argc, char** argv, int arguments, const char* usage,
        int (*body)(const std::vector<std::string>& arguments)) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::printf("usage: %s\n", usage);
    return 0;
  }
  if (argc != arguments + 1) {
    std::fprintf(stderr, "usage: %s\n", usage);
    return 2;
  }
  const std::string name(usage, std::strcspn(usage, " "));
  try {
    return body(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const UserError& error) {
    std::fprintf(stderr, "%s: error: %s\n", name.c_str(), error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: error: %s\n", name.c_str(), error.what());
    return 1;
  }
}

Case load_case(const std::string& topology, const std::string& dataset, const std::string& weights) {
  Case loaded{load_topology(topology), load_dataset(dataset, ""), {}, load_weights(weights)};
  loaded.columns = match_sources(loaded.topology, loaded.dataset, topology);
  return loaded;
}

}  // namespace deepfog::bench
