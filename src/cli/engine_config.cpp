#include "cli/engine_config.hpp"

#include <algorithm>
#include <set>

namespace deepfog {

void read_engine(SettingReader& campaign, CampaignSpec& spec) {
  spec.trainer = campaign.choice("trainer", {"libtorch", "fused"}, spec.trainer);
  spec.device = campaign.choice("device", {"cpu", "cuda"}, spec.device);
  spec.engine = campaign.choice("engine", {"diagram", "reference"}, spec.engine);
  spec.memory_bytes =
      campaign.bytes("memory", std::int64_t{1} << 16, std::int64_t{1} << 44, spec.memory_bytes);
  spec.per_sample_mib = campaign.integer("per_sample_mib", 0, 1 << 20, 64);
  spec.class_limit = campaign.integer("class_limit", 1, 2'000'000'000, spec.class_limit);
  LargeDiagramSpec& large_diagram = spec.large_diagram;
  large_diagram.policy = campaign.choice("beyond", {"bounds", "sampling", "refuse"}, large_diagram.policy);
  large_diagram.bound_width = campaign.number("bound_width", 0, 1, large_diagram.bound_width);
  large_diagram.max_combinations =
      campaign.integer("max_combinations", 1, 100'000'000, large_diagram.max_combinations);
  large_diagram.sampling_draws =
      campaign.integer("sampling_draws", 1000, 100'000'000, large_diagram.sampling_draws);
}

void settle_engine(const CampaignSpec& spec, std::vector<EffectiveSetting>& effective) {
  static const std::set<std::string> never{"engine", "memory", "per_sample_mib"};
  static const std::set<std::string> sometimes{"class_limit", "beyond", "bound_width", "max_combinations",
                                               "sampling_draws"};
  bool many_nodes = false;
  for (const ExperimentSpec& experiment : spec.experiments) {
    for (const ModelSpec& model : experiment.models) {
      many_nodes = many_nodes || model.topology.failing() > spec.table_nodes;
    }
  }
  for (EffectiveSetting& setting : effective) {
    if (setting.section != "campaign") continue;
    if (setting.key == "trainer" || setting.key == "device") {
      // Allows campaigns that began before these keys existed to be resumed.
      setting.decides_numbers = setting.key == "trainer" ? spec.trainer != "libtorch" : spec.device != "cpu";
      setting.shown = setting.where != "default";
    }
    if (never.count(setting.key) != 0) setting.decides_numbers = false;
    if (sometimes.count(setting.key) == 0) continue;
    setting.decides_numbers = many_nodes;
    setting.shown = many_nodes || setting.where != "default";
  }
}

}  // namespace deepfog
