#include "campaign/inputs.hpp"

#include "campaign/dataset_cache.hpp"
#include "campaign/difference.hpp"
#include "core/error.hpp"
#include "storage/dataset_file.hpp"
#include "storage/sha256.hpp"

namespace deepfog {

const char* const ways_out = "--restart throws the earlier one away, or choose another output";

void refuse_campaign(const std::string& where, const std::vector<std::string>& lines) {
  std::string text = "belongs to a different campaign; key: there -> now";
  for (const std::string& line : lines) text += "\n  " + line;
  throw UserError(where, text + "\n ", ways_out);
}

void demand_same_config(const std::string& where, const std::string& before, const std::string& now) {
  if (before == now) return;
  auto lines = config_difference(before, now);
  if (lines.empty()) lines.push_back("the same keys and values, written differently");
  refuse_campaign(where, lines);
}

std::vector<DatasetSummary> look_at_data(const CampaignSpec& spec) {
  std::vector<DatasetSummary> summaries;
  for (const ExperimentSpec& experiment : spec.experiments) {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    const Dataset dataset = load_dataset(experiment.dataset_path, experiment.split, 0);
    for (const ModelSpec& model : experiment.models)
      match_sources(model.topology, dataset, model.topology_path);
    if (dataset.train.size() == 0 || dataset.validation.size() == 0 || dataset.test.size() == 0) {
      throw UserError(experiment.dataset_path,
                      "split " + dataset.split + " leaves training, validation or test empty");
    }
    summaries.push_back(summarise(dataset, experiment.guess));
  }
  return summaries;
}

std::string input_lines(const CampaignSpec& spec, const std::vector<DatasetSummary>& datasets) {
  std::string lines;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    const ExperimentSpec& experiment = spec.experiments[e];
    lines += experiment.name + " data sha256 = " + datasets[e].content_sha256 + "\n";
    for (const ModelSpec& model : experiment.models) {
      lines +=
          experiment.name + "." + model.name + " topology sha256 = " + sha256(model.topology.text()) + "\n";
    }
  }
  return lines;
}

std::string input_lines(const Results& results) {
  std::string lines;
  for (const ExperimentResults& experiment : results.experiments) {
    lines += experiment.name + " data sha256 = " + experiment.data_sha256 + "\n";
    for (const ModelResults& model : experiment.models) {
      lines +=
          experiment.name + "." + model.name + " topology sha256 = " + sha256(model.topology_text) + "\n";
    }
  }
  return lines;
}

void demand_same_inputs(const std::string& where, const std::string& before, const std::string& now) {
  const auto lines = config_difference(before, now);
  if (!lines.empty()) refuse_campaign(where, lines);
}

}  // namespace deepfog
