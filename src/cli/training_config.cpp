#include "cli/training_config.hpp"

#include <algorithm>
#include <cmath>

#include "cli/experiment_config.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

using Settings = std::vector<std::pair<std::string, std::vector<double>>>;

/// Parses "0.05" for every node, or "f1:0.05 f2:0.1 ...".
std::vector<double> parse_rates(const IniEntry& entry, const std::vector<std::string>& nodes) {
  if (entry.value.find(':') != std::string::npos) {
    return parse_by_node(entry.value, nodes, entry.where, "failout_rate", true);
  }
  const double rate = parse_number(entry.value, entry.where, "failout_rate");
  if (rate < 0 || rate >= 1) {
    throw UserError(entry.where, "failout_rate = \"" + entry.value + "\"", "from 0 to below 1 allowed");
  }
  return std::vector<double>(nodes.size(), rate);
}

/// Nodes fail in training as often as in service: 1 - survival.
std::vector<double> rates_of_setting(const IniEntry& entry, const Settings& reliability) {
  std::vector<std::string> names;
  for (const auto& [name, survival] : reliability) {
    names.push_back(name);
    if (name != entry.value) continue;
    std::vector<double> rates;
    // Rounds to the decimals that the user expects: 1 - 0.9 is 0.1, not 0.09999999999999998.
    for (const double s : survival) rates.push_back(std::round((1 - s) * 1e12) / 1e12);
    if (std::any_of(rates.begin(), rates.end(), [](double rate) { return rate >= 1; })) {
      throw UserError(entry.where, "failout_setting = \"" + entry.value + "\" has a node that never survives",
                      "survival above 0 allowed");
    }
    return rates;
  }
  throw UserError(entry.where,
                  "failout_setting = \"" + entry.value + "\" is no reliability setting of the experiment",
                  "settings: " + listing(names));
}

/// A key in the model's own section overrides the other key in the experiment's section.
std::vector<double> failout_rates(SettingReader& reader, const std::vector<std::string>& nodes,
                                  const Settings& reliability) {
  const IniEntry* rate = reader.entry("failout_rate");
  const IniEntry* setting = reader.entry("failout_setting");
  if (rate != nullptr && setting != nullptr) {
    const bool rate_own = reader.is_own("failout_rate");
    if (rate_own == reader.is_own("failout_setting")) {
      throw UserError(setting->where, "failout_setting beside failout_rate", "one of the two allowed");
    }
    (rate_own ? setting : rate) = nullptr;
  }
  if (rate == nullptr && setting == nullptr) {
    throw UserError(reader.entry("training")->where, "training = failout without rates",
                    "failout_rate or failout_setting must be set");
  }
  const auto rates = rate != nullptr ? parse_rates(*rate, nodes) : rates_of_setting(*setting, reliability);
  reader.note("failout_rate", by_node(nodes, rates), (rate != nullptr ? rate : setting)->where);
  return rates;
}

}  // namespace

TrainingSpec read_training(SettingReader& reader, const std::vector<std::string>& nodes,
                           const Settings& reliability) {
  TrainingSpec spec;
  spec.training = reader.choice("training", {"standard", "failout"}, spec.training);
  if (spec.training == "failout") {
    spec.failout_rates = failout_rates(reader, nodes, reliability);
  } else {
    for (const char* key : {"failout_rate", "failout_setting"}) {
      if (reader.is_own(key)) {
        throw UserError(reader.entry(key)->where, std::string(key) + " without training = failout");
      }
    }
  }
  spec.optimiser = reader.choice("optimiser", {"adam", "adagrad", "sgd", "rmsprop"}, spec.optimiser);
  spec.epochs = reader.integer("epochs", 1, 1000000, spec.epochs);
  spec.batch_size = reader.integer("batch_size", 1, 1000000000, spec.batch_size);
  spec.learning_rate = reader.number("learning_rate", 0, 1000, spec.learning_rate, true);
  spec.weight_decay = reader.number("weight_decay", 0, 1000, spec.weight_decay);
  spec.normalise = reader.choice("normalise", {"none", "standard"}, spec.normalise);
  spec.class_weights = reader.choice("class_weights", {"none", "balanced"}, spec.class_weights);
  spec.max_train_samples = reader.integer("max_train_samples", 0, INT64_MAX, spec.max_train_samples);
  return spec;
}

}  // namespace deepfog
