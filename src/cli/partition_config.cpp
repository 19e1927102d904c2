#include "cli/partition_config.hpp"

#include <algorithm>

#include "cli/experiment_config.hpp"
#include "cli/partition_model_config.hpp"
#include "cli/settings_text.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

const std::string kExperiment = "experiment.", kModel = "model.", kReliability = "reliability.";
constexpr int kMostDevices = 16;  // 2^16 combinations are listed

bool begins(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

const std::vector<std::string>& partition_keys() {
  static const std::vector<std::string> keys{
      "name",          "output",     "dataset",           "split",
      "guess",         "network",    "weights",           "runs",
      "seed",          "threads",    "calibration",       "removal",
      "search_images", "samples",    "sweep_block",       "memory",
      "save",          "optimiser",  "learning_rate",     "weight_decay",
      "epochs",        "batch_size", "max_train_samples", "augmentation"};
  return keys;
}

void check_sections(const IniFile& file) {
  for (const IniSection& section : file.sections) {
    if (section.name == "partition") continue;
    const bool experiment = begins(section.name, kExperiment);
    if (!experiment && !begins(section.name, kModel)) {
      throw UserError(section.where, "unknown section [" + section.name + "]",
                      "[partition], [experiment.NAME], [model.NAME] allowed");
    }
    const std::string name = section.name.substr(section.name.find('.') + 1);
    check_name(name, section.where, experiment ? "an experiment" : "a model", false);
  }
}

void read_training(SettingReader& reader, ImageTrainingSpec& spec) {
  spec.optimiser = reader.choice("optimiser", {"sgd", "adam"}, spec.optimiser);
  spec.learning_rate = reader.number("learning_rate", 0, 1000, spec.learning_rate, true);
  spec.weight_decay = reader.number("weight_decay", 0, 1000, spec.weight_decay);
  spec.epochs = reader.integer("epochs", 1, 1000000, spec.epochs);
  spec.batch_size = reader.integer("batch_size", 2, 1000000, spec.batch_size);
  spec.max_train_samples = reader.integer("max_train_samples", 0, INT64_MAX, spec.max_train_samples);
  spec.augmentation = reader.choice("augmentation", {"none", "crop", "crop_flip"}, spec.augmentation);
}

void read_partition(const IniFile& file, const std::string& output, PartitionConfig& config) {
  const IniSection* section = file.find("partition");
  if (section == nullptr) throw UserError(file.path, "lacks the section [partition]");
  check_keys(*section, partition_keys());
  SettingReader reader(*section, nullptr, config.effective);
  CuttingSpec& spec = config.spec;
  spec.name = reader.name("name", "a study");
  if (output.empty()) {
    spec.output = reader.text("output", "results/" + spec.name + ".h5", false);
  } else {
    spec.output = output;
    reader.note("output", output, "--output", false);
  }
  check_output(spec.output, config.effective.back().where);
  const std::string dataset = reader.required("dataset");
  spec.dataset = is_path(dataset) ? resolved_path(file, *reader.entry("dataset")) : dataset;
  if (reader.entry("split") != nullptr) spec.split = reader.text("split", "");
  spec.guess = reader.choice("guess", {"uniform", "class_frequency"}, spec.guess);
  reader.required("network");
  spec.network = reader.choice("network", cnn_names(), "");
  config.effective.pop_back();  // it was recorded twice
  const std::string weights = reader.text("weights", spec.weights);
  spec.weights = is_path(weights) ? resolved_path(file, *reader.entry("weights")) : weights;
  if (!is_path(weights) && weights != "train" && weights != "random") {
    throw UserError(reader.entry("weights")->where, "weights = \"" + weights + "\"",
                    "train, random or a weights file (FILE.h5) allowed");
  }
  spec.runs = reader.integer("runs", 1, 10000, spec.runs);
  spec.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, INT64_MAX, 1));
  spec.threads = static_cast<int>(reader.integer("threads", 1, 1024, 1));
  spec.calibration = reader.integer("calibration", 1, 1000000, spec.calibration);
  spec.ablation = reader.choice("removal", {"automatic", "exact", "linear"}, spec.ablation);
  spec.search_images = reader.integer("search_images", 1, INT32_MAX, spec.search_images);
  spec.samples = reader.integer("samples", 0, INT32_MAX, spec.samples);
  spec.sweep_block = reader.integer("sweep_block", 1, 1000000000, spec.sweep_block);
  spec.memory_bytes = reader.bytes("memory", 1 << 20, INT64_MAX, spec.memory_bytes);
  spec.save = reader.truth("save", spec.save);
  if (spec.weights == "train") {
    read_training(reader, spec.training);
    return;
  }
  for (const char* key : {"optimiser", "learning_rate", "weight_decay", "epochs", "batch_size",
                          "max_train_samples", "augmentation"}) {
    if (reader.is_own(key))
      throw UserError(reader.entry(key)->where, std::string(key) + " without weights = train");
  }
}

/// Parses ".9" for all devices, or "d1:.9 d2:.8 ...".
std::vector<double> parse_reliability(const IniEntry& entry, const std::vector<std::string>& devices) {
  if (entry.value.find(':') != std::string::npos)
    return parse_by_node(entry.value, devices, entry.where, entry.key, false);
  const double value = parse_number(entry.value, entry.where, entry.key);
  if (value < 0 || value > 1)
    throw UserError(entry.where, entry.key + " = \"" + entry.value + "\"",
                    "a probability from 0 to 1 allowed");
  return std::vector<double>(devices.size(), value);
}

CutExperimentSpec read_devices(const IniSection& section, PartitionConfig& config) {
  check_keys(section, {"devices"}, "reliability.");
  CutExperimentSpec experiment;
  experiment.name = section.name.substr(kExperiment.size());
  SettingReader reader(section, nullptr, config.effective);
  if (reader.entry("devices") == nullptr)
    throw UserError(section.where, "[" + section.name + "] lacks the key devices");
  experiment.devices = static_cast<int>(reader.integer("devices", 2, kMostDevices, 4));
  std::vector<std::string> devices;
  for (int d = 1; d <= experiment.devices; ++d) devices.push_back("d" + std::to_string(d));
  for (const IniEntry& entry : section.entries) {
    if (!begins(entry.key, kReliability)) continue;
    const auto values = parse_reliability(entry, devices);
    experiment.reliability.emplace_back(entry.key.substr(kReliability.size()), values);
    check_no_failure(experiment.reliability.back().first, values, entry.where);
    reader.note(entry.key, by_node(devices, values), entry.where);
  }
  if (experiment.reliability.empty())
    experiment.reliability.emplace_back("no_failure", std::vector<double>(devices.size(), 1.0));
  return experiment;
}

/// Adds the model to the experiments that its section names, or to all.
void place_model(const IniSection& section, PartitionConfig& config) {
  std::vector<MemoryBudget> budgets;
  CutModelSpec model = read_cut_model(section, config.effective, budgets);
  const IniEntry* entry = section.find("experiments");
  std::vector<std::string> names, wanted;
  for (const auto& experiment : config.spec.experiments) names.push_back(experiment.name);
  wanted = entry == nullptr ? names : words(entry->value);
  if (budgets.size() > 1 && budgets.size() != wanted.size()) {
    throw UserError(section.find("memory")->where, std::to_string(budgets.size()) + " budgets",
                    "one, or one for each of the experiments: " + listing(wanted));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& word = wanted[i];
    if (budgets.size() > 1) {
      model.memory_share = budgets[i].share;
      model.memory_bytes = budgets[i].bytes;
    }
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end())
      throw UserError(entry->where, "experiments names \"" + word + "\"", "experiments: " + listing(names));
    CutExperimentSpec& experiment = config.spec.experiments[static_cast<std::size_t>(at - names.begin())];
    if (model.failed >= experiment.devices) {
      throw UserError(section.where,
                      "failed = " + std::to_string(model.failed) + " of the " +
                          std::to_string(experiment.devices) + " devices of " + experiment.name,
                      "fewer allowed, or experiments = ... without it");
    }
    experiment.models.push_back(model);
  }
  if (entry != nullptr)
    config.effective.push_back({section.name, "experiments", entry->value, entry->where, true, true});
}

}  // namespace

PartitionConfig load_partition_config(const std::string& path, const std::vector<std::string>& assignments,
                                      const std::string& output) {
  IniFile file = read_ini(path);
  for (const std::string& assignment : assignments) {
    const bool bare = assignment.find('.') > assignment.find('=');
    override_entry(file, bare ? "partition." + assignment : assignment);
  }
  check_sections(file);
  PartitionConfig config;
  read_partition(file, output, config);
  for (const IniSection& section : file.sections) {
    if (begins(section.name, kExperiment)) config.spec.experiments.push_back(read_devices(section, config));
  }
  if (config.spec.experiments.empty())
    throw UserError(path, "has no experiment", "a section [experiment.NAME] with devices = 4");
  for (const IniSection& section : file.sections) {
    if (begins(section.name, kModel)) place_model(section, config);
  }
  for (const CutExperimentSpec& experiment : config.spec.experiments) {
    if (experiment.models.empty())
      throw UserError(path, "experiment " + experiment.name + " has no model",
                      "a section [model.NAME] with method = lop");
  }
  config.spec.config_text = canonical_text(config.effective);
  return config;
}

void locate_dataset(PartitionConfig& config) {
  config.spec.dataset_path = find_dataset(config.spec.dataset, dataset_folders());
}

}  // namespace deepfog
