#include "cli/exit_config.hpp"

#include <algorithm>

#include "cli/experiment_config.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::size_t kMostSearched = 4;  // at 21 thresholds each, this gives every triple

ThresholdRule parse_rule(const IniEntry& entry) {
  const std::vector<std::string> given = words(entry.value);
  const auto refuse = [&]() -> ThresholdRule {
    throw UserError(entry.where, "exit_threshold = \"" + entry.value + "\"",
                    "a number from 0 to 1, share NUMBER, or best");
  };
  if (given.size() == 1 && given[0] == "best") return {"best", 0};
  const bool share = given.size() == 2 && given[0] == "share";
  if (!share && given.size() != 1) return refuse();
  const double value = parse_number(given.back(), entry.where, "exit_threshold");
  if (!(value >= 0 && value <= 1)) return refuse();
  return {share ? "share" : "fixed", value};
}

Combination parse_nodes(const IniEntry& entry, const std::vector<std::string>& nodes) {
  Combination without = 0;
  for (const std::string& word : words(entry.value)) {
    const auto at = std::find(nodes.begin(), nodes.end(), word);
    if (at == nodes.end()) {
      throw UserError(entry.where, "train_without names \"" + word + "\"", allowed_nodes(nodes));
    }
    const Combination bit = Combination{1} << (at - nodes.begin());
    if ((without & bit) != 0) throw UserError(entry.where, "train_without names \"" + word + "\" twice");
    without |= bit;
  }
  return without;
}

}  // namespace

void read_exits(SettingReader& reader, const Topology& topology, TrainingSpec& spec) {
  if (const IniEntry* entry = reader.entry("exit_threshold")) {
    if (!topology.has_exits()) {
      throw UserError(entry->where, "exit_threshold for a topology without exits", "exit STAGE in its file");
    }
    spec.threshold = parse_rule(*entry);
    if (spec.threshold.how == "best" && topology.exits().size() > kMostSearched) {
      throw UserError(entry->where,
                      "exit_threshold = best for " + std::to_string(topology.exits().size()) + " exits",
                      "at most " + std::to_string(kMostSearched) + "; a number or share NUMBER");
    }
    reader.text("exit_threshold", "");
  }
  if (const IniEntry* entry = reader.entry("train_without")) {
    spec.without = parse_nodes(*entry, topology.failing_names());
    if (spec.without == all_alive(topology.failing())) {
      throw UserError(entry->where, "train_without names all nodes", "one has to be left");
    }
    reader.text("train_without", "");
  }
}

}  // namespace deepfog
