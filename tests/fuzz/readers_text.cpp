// Topologies, configs of all three verbs, and failure scripts. Seeds: those of configs/, and a script that
// says everything.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "cli/campaign_config.hpp"
#include "cli/infer_config.hpp"
#include "cli/partition_config.hpp"
#include "core/error.hpp"
#include "fuzz.hpp"
#include "inference/failure_script.hpp"
#include "mutate.hpp"
#include "topology/topology.hpp"

namespace deepfog::fuzz {
namespace {

namespace fs = std::filesystem;

class TextReader : public Reader {
 public:
  void make(RandomStream& draw, const std::string& path) override {
    write_bytes(path, mutate_text(seeds_[draw.below(seeds_.size())], words_, draw));
  }

 protected:
  /// In order of their names, so that inputs do not depend on the file system.
  void add_seeds(const fs::path& folder, const std::string& ending) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ending) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) add_seed(read_bytes(path.string()));
  }
  void add_seed(const std::string& text) {
    seeds_.push_back(text);
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words_.push_back(word);
  }

 private:
  std::vector<std::string> seeds_, words_;
};

class TopologyReader : public TextReader {
 public:
  explicit TopologyReader(const std::string&) {
    add_seeds(DEEPFOG_SOURCE_DIR "/configs/topologies", ".topology");
  }
  void read(const std::string& path) override {
    answered([&] { load_topology(path); });
    answered([&] { with_values(read_bytes(path), {{"WIDTH", "3"}}, "text"); });
    answered([&] { without_skips(read_bytes(path), {"e1->f1"}, "text"); });
    answered([&] { with_reliability_weights(read_bytes(path), {{"f1", .9}}, "text"); });
  }
};

class ConfigReader : public TextReader {
 public:
  explicit ConfigReader(const std::string& folder) {
    const fs::path topologies = fs::path(folder) / "topologies";
    if (!fs::exists(topologies))
      fs::create_directory_symlink(DEEPFOG_SOURCE_DIR "/configs/topologies", topologies);
    add_seeds(DEEPFOG_SOURCE_DIR "/configs", ".ini");
  }
  void read(const std::string& path) override {
    answered([&] { print_config(load_campaign_config(path, {}, "")); });
    answered([&] { load_infer_config(path, {}, {}); });
    answered([&] { load_partition_config(path, {}, ""); });
  }
};

class ScriptReader : public TextReader {
 public:
  explicit ScriptReader(const std::string&)
      : topology_(load_topology(DEEPFOG_SOURCE_DIR "/configs/topologies/health-deepfogguard.topology")) {
    add_seed(
        "seed 7\nsilence f2 rounds 10..20\ncrash e1 round 50\nhang f1 round 30 for 200ms\n"
        "slow e1 rounds 0..99 by 5ms\nlose e1->f2 rounds 0.. with .1\ndelay e1->f2 rounds 5..10 by 3ms with "
        ".5\n");
    add_seed("# nothing\n\nslow f1 rounds 3.. by 1.5s # a comment\nsilence f1 round 9223372036854775807\n");
  }
  void read(const std::string& path) override {
    answered([&] {
      const FailureScript script = FailureScript::parse(read_bytes(path), "script", topology_);
      const std::string text = script.text();
      if (FailureScript::parse(text, "script", topology_).text() != text) {
        throw std::logic_error("another script when read again");
      }
      for (const std::int64_t round : {std::int64_t{0}, std::int64_t{30}, std::int64_t{1} << 62}) {
        script.hang_us(0, round);
        script.slow_us(1, round);
        script.delay_us(1, round);
      }
    });
  }

 private:
  Topology topology_;
};

}  // namespace

std::vector<NamedReader> text_readers() {
  return {{"topologies", [](const std::string& folder) { return std::make_unique<TopologyReader>(folder); }},
          {"configs", [](const std::string& folder) { return std::make_unique<ConfigReader>(folder); }},
          {"scripts", [](const std::string& folder) { return std::make_unique<ScriptReader>(folder); }}};
}

}  // namespace deepfog::fuzz
