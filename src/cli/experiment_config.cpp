#include "cli/experiment_config.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "campaign/borrowed_weights.hpp"
#include "cli/config_keys.hpp"
#include "cli/exit_config.hpp"
#include "cli/settings_text.hpp"
#include "cli/training_config.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

namespace fs = std::filesystem;
const std::string kReliability = "reliability.", kLet = "let.";

std::vector<std::string> joined(std::vector<std::string> list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

/// The models in the order of `models = ...`, otherwise in the order of their sections.
std::vector<const IniSection*> model_sections(const IniFile& file, const IniSection& experiment,
                                              const std::string& prefix) {
  std::vector<const IniSection*> found;
  std::vector<std::string> names;
  for (const auto& section : file.sections) {
    if (section.name.compare(0, prefix.size(), prefix) != 0) continue;
    found.push_back(&section);
    names.push_back(section.name.substr(prefix.size()));
  }
  if (found.empty()) {
    throw UserError(experiment.where, "[" + experiment.name + "] has no model",
                    "a section [" + prefix + "NAME]");
  }
  const IniEntry* order = experiment.find("models");
  if (order == nullptr) return found;
  std::vector<const IniSection*> ordered;
  for (const auto& word : words(order->value)) {
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end()) {
      throw UserError(order->where, "models names \"" + word + "\"", "models: " + listing(names));
    }
    const auto* section = found[static_cast<std::size_t>(at - names.begin())];
    if (std::find(ordered.begin(), ordered.end(), section) != ordered.end()) {
      throw UserError(order->where, "models names \"" + word + "\" twice");
    }
    ordered.push_back(section);
  }
  if (ordered.empty()) throw UserError(order->where, "models is empty", "models: " + listing(names));
  return ordered;
}

/// All models of an experiment share one vector order, so that their combinations can be compared.
void check_same_nodes(const ModelSpec& model, const ModelSpec& first, const std::string& where) {
  const auto& mine = model.topology.failing_names();
  const auto& theirs = first.topology.failing_names();
  if (mine == theirs) return;
  throw UserError(where, "failing nodes " + listing(mine) + " of model " + model.name,
                  "those of model " + first.name + " in their order: " + listing(theirs));
}

/// The file's topology after substituting the section's let.NAME keys and removing the skips listed there.
Topology topology_of(const IniSection& section, const std::string& path) {
  Topology topology = load_topology(path);
  std::string text = topology.text();
  for (const auto& entry : section.entries) {
    if (entry.key.compare(0, kLet.size(), kLet) != 0) continue;
    text = with_values(text, {{entry.key.substr(kLet.size()), entry.value}}, entry.where);
  }
  if (const IniEntry* skips = section.find("without_skips"))
    text = without_skips(text, words(skips->value), skips->where);
  if (text != topology.text()) topology = parse_topology(text, path);
  refuse_cut(topology, path);
  return topology;
}

/// Reads names and topologies and checks that they fit each other. Training keys are read later, because
/// failout_setting needs the reliability settings, which in turn need the nodes of the topologies.
void read_topologies(const IniFile& file, const std::vector<const IniSection*>& sections,
                     const std::string& prefix, ExperimentSpec& experiment) {
  const auto keys = joined(model_keys(), training_keys());
  std::vector<EffectiveSetting> unused;
  for (const IniSection* section : sections) {
    check_keys(*section, keys, kLet);
    SettingReader(*section, nullptr, unused).required("topology");
    const IniEntry& entry = *section->find("topology");
    ModelSpec model;
    model.name = section->name.substr(prefix.size());
    model.topology_path = resolved_path(file, entry);
    model.topology = topology_of(*section, model.topology_path);
    if (const IniEntry* other = section->find("weights_of")) model.weights_of = other->value;
    experiment.models.push_back(std::move(model));
    check_same_nodes(experiment.models.back(), experiment.models.front(), entry.where);
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const IniEntry* other = sections[i]->find("weights_of");
    if (other == nullptr) continue;
    check_name(other->value, other->where, "a model");
    check_weights_of(experiment, experiment.models[i], other->where);
  }
}

/// Checks a model that takes another model's weights: the other section says how they are trained.
void read_borrower(SettingReader& reader, const ModelSpec& model) {
  for (const std::string& key : training_keys()) {
    if (reader.is_own(key)) {
      throw UserError(reader.entry(key)->where, key + " beside weights_of",
                      "in the section of model " + model.weights_of + ", whose training it is");
    }
  }
  reader.text("weights_of", "");
}

/// Reads `seeds_of` of a model that is trained.
void read_seeds(SettingReader& reader, ModelSpec& model) {
  const IniEntry* other = reader.entry("seeds_of");
  if (other == nullptr) return;
  check_name(other->value, other->where, "a model");
  model.seeds_of = reader.text("seeds_of", "");
}

/// The topology with links weighted by the reliability of their senders.
Topology weighed(const ModelSpec& model, const IniEntry& setting, const ExperimentSpec& experiment) {
  std::vector<std::string> names;
  for (const auto& [name, survival] : experiment.reliability) {
    names.push_back(name);
    if (name != setting.value) continue;
    std::vector<std::pair<std::string, double>> of_nodes;
    for (std::size_t i = 0; i < survival.size(); ++i)
      of_nodes.emplace_back(model.topology.failing_names()[i], survival[i]);
    const std::string text = with_reliability_weights(model.topology.text(), of_nodes, setting.where);
    return parse_topology(text, model.topology_path);
  }
  throw UserError(
      setting.where,
      "reliability_weights = \"" + setting.value + "\" is no reliability setting of the experiment",
      "settings: " + listing(names));
}

void read_models(const std::vector<const IniSection*>& sections, const IniSection& defaults,
                 ExperimentSpec& experiment, std::vector<EffectiveSetting>& effective) {
  for (std::size_t i = 0; i < sections.size(); ++i) {
    ModelSpec& model = experiment.models[i];
    SettingReader reader(*sections[i], &defaults, effective);
    // The text of a topology decides, not its path.
    reader.text("topology", "", false);
    for (const IniEntry& entry : sections[i]->entries) {
      if (entry.key.compare(0, kLet.size(), kLet) == 0)
        reader.note(entry.key, entry.value, entry.where, false);
    }
    if (const IniEntry* skips = sections[i]->find("without_skips"))
      reader.note("without_skips", skips->value, skips->where, false);
    if (const IniEntry* setting = sections[i]->find("reliability_weights")) {
      model.topology = weighed(model, *setting, experiment);
      reader.note("reliability_weights", setting->value, setting->where, false);
    }
    reader.note("topology_sha256", sha256(model.topology.text()), "", true, false);
    if (!model.weights_of.empty()) {
      read_borrower(reader, model);
      continue;
    }
    model.training = read_training(reader, model.topology.failing_names(), experiment.reliability);
    read_exits(reader, model.topology, model.training);
    read_seeds(reader, model);
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    ModelSpec& model = experiment.models[i];
    if (model.weights_of.empty()) continue;
    const ModelSpec& owner = owner_of_weights(experiment, model, sections[i]->where);
    model.training = owner.training;
    model.seeds_of = owner.seed_name();
  }
}

void read_reliability(const IniSection& section, const std::vector<std::string>& nodes, SettingReader& reader,
                      ExperimentSpec& experiment) {
  for (const auto& entry : section.entries) {
    if (entry.key.compare(0, kReliability.size(), kReliability) != 0) continue;
    const auto values = parse_by_node(entry.value, nodes, entry.where, entry.key, false);
    experiment.reliability.emplace_back(entry.key.substr(kReliability.size()), values);
    check_no_failure(experiment.reliability.back().first, values, entry.where);
    reader.note(entry.key, by_node(nodes, values), entry.where);
  }
  if (experiment.reliability.empty()) {
    throw UserError(section.where, "[" + section.name + "] has no reliability setting",
                    nodes.empty()
                        ? allowed_nodes(nodes)
                        : "reliability.NAME = " + by_node(nodes, std::vector<double>(nodes.size(), 0.9)) +
                              " for example");
  }
}

}  // namespace

std::string by_node(const std::vector<std::string>& nodes, const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    text += (i == 0 ? "" : " ") + nodes[i] + ":" + shortest(values[i]);
  }
  return text;
}

void check_no_failure(const std::string& setting, const std::vector<double>& survival,
                      const std::string& where) {
  if (setting != "no_failure") return;
  for (const double chance : survival) {
    if (chance != 1) {
      throw UserError(where, "a node may fail under no_failure (" + shortest(chance) + ")",
                      "1 for every node, or another name of the setting");
    }
  }
}

std::string allowed_nodes(const std::vector<std::string>& nodes) {
  return nodes.empty() ? "no node can fail: the topology has no line \"fails NODE ...\""
                       : "nodes: " + listing(nodes);
}

std::vector<double> parse_by_node(const std::string& text, const std::vector<std::string>& nodes,
                                  const std::string& where, const std::string& what, bool high_open) {
  std::vector<double> values(nodes.size(), std::nan(""));
  for (const auto& word : words(text)) {
    const auto colon = word.rfind(':');
    if (colon == std::string::npos) {
      throw UserError(where, what + ": \"" + word + "\" is no NODE:FIGURE", allowed_nodes(nodes));
    }
    const std::string node = word.substr(0, colon);
    const auto at = std::find(nodes.begin(), nodes.end(), node);
    if (at == nodes.end())
      throw UserError(where, what + ": unknown node \"" + node + "\"", allowed_nodes(nodes));
    double& value = values[static_cast<std::size_t>(at - nodes.begin())];
    if (!std::isnan(value)) throw UserError(where, what + ": node " + node + " twice", "every node once");
    value = parse_number(word.substr(colon + 1), where, what + " of node " + node);
    if (value < 0 || value > 1 || (high_open && value == 1)) {
      throw UserError(where, what + " of node " + node + " = \"" + word.substr(colon + 1) + "\"",
                      high_open ? "from 0 to below 1 allowed" : "a probability from 0 to 1 allowed");
    }
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (std::isnan(values[i])) {
      throw UserError(where, what + " lacks node " + nodes[i], "every failing node once: " + listing(nodes));
    }
  }
  return values;
}

ExperimentSpec read_experiment(const IniFile& file, const IniSection& section,
                               std::vector<EffectiveSetting>& effective) {
  check_keys(section, joined(experiment_keys(), training_keys()), "reliability.");
  ExperimentSpec experiment;
  experiment.name = section.name.substr(section.name.find('.') + 1);
  SettingReader reader(section, nullptr, effective);
  reader.required("dataset");
  const IniEntry& dataset = *reader.entry("dataset");
  experiment.dataset = is_path(dataset.value) ? resolved_path(file, dataset) : dataset.value;
  if (reader.entry("split") != nullptr) experiment.split = reader.text("split", "");
  experiment.guess = reader.choice("guess", {"uniform", "class_frequency"}, experiment.guess);

  const std::string prefix = "model." + experiment.name + ".";
  const auto sections = model_sections(file, section, prefix);
  read_topologies(file, sections, prefix, experiment);
  read_reliability(section, experiment.models.front().topology.failing_names(), reader, experiment);
  std::string names;
  for (const auto& model : experiment.models) names += (names.empty() ? "" : " ") + model.name;
  const IniEntry* order = section.find("models");
  reader.note("models", names, order == nullptr ? "default" : order->where);
  read_models(sections, section, experiment, effective);
  return experiment;
}

}  // namespace deepfog
