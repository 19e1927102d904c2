#include "cli/campaign_config.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/config_keys.hpp"
#include "cli/engine_config.hpp"
#include "cli/experiment_config.hpp"
#include "cli/settings_text.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

namespace fs = std::filesystem;
const std::string kExperiment = "experiment.", kModel = "model.";

bool begins(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

/// Checks that every section is [campaign], [experiment.NAME] or [model.EXPERIMENT.NAME] of an existing
/// experiment.
void check_sections(const IniFile& file) {
  for (const auto& section : file.sections) {
    if (section.name == "campaign") continue;
    if (begins(section.name, kExperiment)) {
      check_name(section.name.substr(kExperiment.size()), section.where, "an experiment", false);
      continue;
    }
    if (!begins(section.name, kModel)) {
      const std::string first = section.name.substr(0, section.name.find('.'));
      const std::string nearest = nearest_name(first, {"campaign", "experiment", "model"});
      throw UserError(section.where, "unknown section [" + section.name + "]",
                      nearest.empty() ? "[campaign], [experiment.NAME], [model.EXPERIMENT.NAME] allowed"
                                      : "did you mean [" + nearest + "...]?");
    }
    const std::string rest = section.name.substr(kModel.size());
    const auto dot = rest.find('.');
    if (dot == std::string::npos) {
      throw UserError(section.where, "[" + section.name + "] names no experiment",
                      "[model.EXPERIMENT.NAME] allowed");
    }
    check_name(rest.substr(dot + 1), section.where, "a model");
    const std::string experiment = rest.substr(0, dot);
    if (file.find(kExperiment + experiment) != nullptr) continue;
    std::vector<std::string> names;
    for (const auto& one : file.sections) {
      if (begins(one.name, kExperiment)) names.push_back(one.name.substr(kExperiment.size()));
    }
    throw UserError(section.where, "no section [" + kExperiment + experiment + "] for this model",
                    names.empty() ? "add it" : "experiments: " + listing(names));
  }
}

void read_campaign(const IniFile& file, const std::string& output, CampaignConfig& config) {
  const IniSection* section = file.find("campaign");
  if (section == nullptr) throw UserError(file.path, "lacks the section [campaign]");
  check_keys(*section, campaign_keys());
  SettingReader reader(*section, nullptr, config.effective);
  CampaignSpec& spec = config.spec;
  spec.name = reader.name("name", "a campaign");
  if (output.empty()) {
    spec.output = reader.text("output", "results/" + spec.name + ".h5", false);
  } else {
    spec.output = output;
    reader.note("output", output, "--output", false);
  }
  check_output(spec.output, config.effective.back().where);
  spec.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, INT64_MAX, 1));
  spec.runs = reader.integer("runs", 1, 10000, 10);
  spec.threads_per_rank = static_cast<int>(reader.integer("threads", 1, 1024, 1));
  spec.sweep_block = reader.integer("sweep_block", 64, 1000000000, 8192);
  spec.confusion = reader.truth("confusion", true);
  spec.save_weights = reader.truth("save_weights", true);
  read_engine(reader, spec);
}

std::string where(const std::vector<EffectiveSetting>& effective, const std::string& section,
                  const std::string& key) {
  for (const auto& setting : effective) {
    if (setting.section == section && setting.key == key) return setting.where;
  }
  return section;
}

}  // namespace

CampaignConfig load_campaign_config(const std::string& path, const std::vector<std::string>& assignments,
                                    const std::string& output) {
  IniFile file = read_ini(path);
  for (const auto& assignment : assignments) override_entry(file, assignment);
  check_sections(file);
  CampaignConfig config;
  read_campaign(file, output, config);
  for (const auto& section : file.sections) {
    if (!begins(section.name, kExperiment)) continue;
    config.spec.experiments.push_back(read_experiment(file, section, config.effective));
  }
  if (config.spec.experiments.empty()) {
    throw UserError(path, "has no experiment", "a section [experiment.NAME] and its [model.NAME.MODEL]s");
  }
  settle_engine(config.spec, config.effective);
  config.spec.config_text = canonical_text(config.effective);
  return config;
}

void locate_datasets(CampaignConfig& config) {
  for (auto& experiment : config.spec.experiments) {
    try {
      experiment.dataset_path = find_dataset(experiment.dataset, dataset_folders());
    } catch (const UserError& error) {
      throw UserError(where(config.effective, "experiment." + experiment.name, "dataset"), error.what());
    }
  }
}

std::string print_config(const CampaignConfig& config) {
  return settings_text(config.effective);
}

}  // namespace deepfog
