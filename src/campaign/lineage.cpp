#include "campaign/lineage.hpp"

#include <cstdlib>
#include <sstream>

#include "campaign/difference.hpp"
#include "campaign/inputs.hpp"
#include "campaign/records.hpp"

namespace deepfog {
namespace {

constexpr const char* kExperiment = "experiment.";
constexpr const char* kModel = "model.";

bool begins(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

/// "key = value" in two; a line without '=' is a key of its own.
std::pair<std::string, std::string> key_and_value(const std::string& line) {
  const auto equals = line.find(" = ");
  if (equals == std::string::npos) return {line, "there"};
  return {line.substr(0, equals), line.substr(equals + 3)};
}

/// As a text that config_difference() takes.
void append(std::string& text, const std::string& section, const std::map<std::string, std::string>& values) {
  text += "[" + section + "]\n";
  for (const auto& [key, value] : values) text += key + " = " + value + "\n";
}

}  // namespace

ConfigParts::ConfigParts(const std::string& config, const std::string& inputs) {
  read_config(config);
  read_inputs(inputs);
  follow_weights();
}

void ConfigParts::read_config(const std::string& config) {
  std::istringstream lines(config);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      if (begins(section, kExperiment)) experiments_[section.substr(11)];
      continue;
    }
    const auto [key, value] = key_and_value(line);
    if (begins(section, kModel)) {
      const std::string rest = section.substr(6);  // EXPERIMENT.MODEL; experiments have no dots
      const auto dot = rest.find('.');
      const Name name{rest.substr(0, dot), dot == std::string::npos ? "" : rest.substr(dot + 1)};
      models_[name].decides += line + "\n";
      if (key == "weights_of") weights_of_[name] = value;
    } else if (begins(section, kExperiment)) {
      if (key != "models") experiments_[section.substr(11)][key] = value;
    } else if (section == "campaign" && key == "runs") {
      runs_ = std::strtoll(value.c_str(), nullptr, 10);
    } else {
      common_[section + (section.empty() ? "" : ".") + key] = value;
    }
  }
}

/// "EXPERIMENT data sha256 = ..." and "EXPERIMENT.MODEL topology sha256 = ...", in the order of the indices.
void ConfigParts::read_inputs(const std::string& inputs) {
  const std::string data = " data sha256", topology = " topology sha256";
  std::istringstream lines(inputs);
  std::string experiment;
  std::int32_t e = -1, m = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto [key, value] = key_and_value(line);
    if (key.size() > data.size() && key.compare(key.size() - data.size(), data.size(), data) == 0) {
      experiment = key.substr(0, key.size() - data.size());
      experiments_[experiment]["data sha256"] = value;
      ++e;
      m = 0;
    } else if (begins(key, experiment + ".") && key.size() > experiment.size() + 1 + topology.size()) {
      const Name name{experiment, key.substr(experiment.size() + 1,
                                             key.size() - experiment.size() - 1 - topology.size())};
      Model& model = models_[name];
      model.experiment = e;
      model.model = m++;
      model.decides += line + "\n";
      names_[{model.experiment, model.model}] = name;
    }
  }
}

void ConfigParts::follow_weights() {
  for (const auto& [name, owner] : weights_of_) {
    const auto lender = models_.find({name.first, owner});
    models_[name].decides += lender == models_.end() ? "no owner" : lender->second.decides;
  }
}

std::optional<RunKey> ConfigParts::place_now(const ConfigParts& before, const RunKey& key) const {
  const auto name = before.names_.find({key.experiment, key.model});
  if (name == before.names_.end()) return std::nullopt;
  const auto then = before.models_.find(name->second), now = models_.find(name->second);
  if (now == models_.end() || names_.count({now->second.experiment, now->second.model}) == 0 ||
      now->second.decides != then->second.decides || (runs_ > 0 && key.run >= runs_)) {
    return std::nullopt;
  }
  return RunKey{now->second.experiment, now->second.model, key.run};
}

std::vector<std::string> ConfigParts::conflicts(const ConfigParts& before) const {
  std::string then, now;
  for (const auto& [key, value] : before.common_) then += key + " = " + value + "\n";
  for (const auto& [key, value] : common_) now += key + " = " + value + "\n";
  for (const auto& [name, values] : before.experiments_) {
    const auto same = experiments_.find(name);
    if (same == experiments_.end()) continue;
    auto mine = same->second, theirs = values;
    // Where one side's inputs are not known yet, they are compared later.
    if (mine.count("data sha256") == 0 || theirs.count("data sha256") == 0) {
      mine.erase("data sha256");
      theirs.erase("data sha256");
    }
    append(then, kExperiment + name, theirs);
    append(now, kExperiment + name, mine);
  }
  std::vector<std::string> lines = config_difference(then, now);
  if (runs_ < before.runs_)
    lines.push_back("campaign.runs: " + std::to_string(before.runs_) + " -> " + std::to_string(runs_));
  return lines;
}

std::vector<std::string> ConfigParts::changes(const ConfigParts& before) const {
  std::vector<std::string> lines;
  for (const auto& [place, name] : before.names_) {
    const auto now = models_.find(name);
    if (now == models_.end()) {
      lines.push_back(name_of(name) + " is gone");
    } else if (now->second.decides != before.models_.at(name).decides) {
      lines.push_back(name_of(name) + " has changed");
    }
  }
  for (const auto& [place, name] : names_) {
    if (before.models_.count(name) == 0) lines.push_back(name_of(name) + " is new");
  }
  if (runs_ > before.runs_)
    lines.push_back(std::to_string(runs_) + " runs instead of " + std::to_string(before.runs_));
  return lines;
}

void demand_same_campaign(const std::string& where, const ConfigParts& before, const ConfigParts& now) {
  const std::vector<std::string> lines = now.conflicts(before);
  if (!lines.empty()) refuse_campaign(where, lines);
}

ConfigInForce config_in_force(const std::string& header, const std::vector<LogRecord>& records,
                              const std::string& where) {
  ConfigInForce found{header, ""};
  for (const LogRecord& entry : records) {
    if (entry.type == record::inputs_type) found.inputs = record::decode_inputs(entry, where).lines;
    if (entry.type != record::change_type) continue;
    const record::Change change = record::decode_change(entry, where);
    found = {change.config, change.inputs};
  }
  return found;
}

std::vector<LogRecord> records_in_force(const std::string& header, const std::vector<LogRecord>& records,
                                        const ConfigParts& now, const std::string& where,
                                        std::size_t* dropped) {
  std::vector<LogRecord> in_force;
  std::optional<ConfigParts> before;
  for (const LogRecord& entry : records) {
    if (entry.type == record::inputs_type) before.emplace(header, record::decode_inputs(entry, where).lines);
    if (entry.type == record::change_type) {
      const record::Change change = record::decode_change(entry, where);
      before.emplace(change.config, change.inputs);
      continue;
    }
    if (!record::is_task(entry)) {
      in_force.push_back(entry);
      continue;
    }
    const auto key = before ? now.place_now(*before, record::key_of(entry, where)) : std::nullopt;
    if (key) in_force.push_back(record::with_key(entry, *key));
    if (!key && dropped != nullptr && entry.type != record::failed_type) ++*dropped;
  }
  return in_force;
}

}  // namespace deepfog
