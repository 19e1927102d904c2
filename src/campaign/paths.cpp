#include "campaign/paths.hpp"

#include <filesystem>

#include "core/error.hpp"
#include "storage/output_path.hpp"

namespace deepfog {

std::string journal_path(const CampaignSpec& spec) {
  return spec.output + ".journal";
}
std::string whole_output(const CampaignSpec& spec) {
  return spec.shard.whole() ? spec.output : spec.whole_output;
}

std::string shards_folder(const CampaignSpec& spec) {
  return whole_output(spec) + ".shares";
}

std::string weights_folder(const CampaignSpec& spec) {
  return whole_output(spec) + ".weights";
}

std::string weights_path(const CampaignSpec& spec, const RunKey& key) {
  const ExperimentSpec& experiment = spec.experiments.at(static_cast<std::size_t>(key.experiment));
  return weights_folder(spec) + "/" + experiment.name + "." +
         experiment.models.at(static_cast<std::size_t>(key.model)).name + ".run" + std::to_string(key.run) +
         ".h5";
}

void check_outputs(const CampaignSpec& spec) {
  check_output_file(spec.output);
  check_output_file(whole_output(spec));
  check_output_file(journal_path(spec), Links::refuse);
  std::error_code error;  // what cannot be looked at is not there: the longest name will tell
  std::string longest;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    for (std::size_t m = 0; m < spec.experiments[e].models.size(); ++m) {
      for (std::int64_t run = 0; run < spec.runs; ++run) {
        const std::string path = weights_path(spec, {static_cast<int>(e), static_cast<int>(m), run});
        if (path.size() > longest.size()) longest = path;
        if (std::filesystem::exists(path, error)) check_output_file(path);
      }
    }
  }
  if (!longest.empty()) check_output_file(longest);
}

void make_folders(const CampaignSpec& spec) {
  make_output_folder(weights_folder(spec));  // makes the output's folder on the way
  if (!spec.shard.whole()) make_output_folder(shards_folder(spec));
}

void remove_weights(const CampaignSpec& spec) {
  std::error_code error;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    for (std::size_t m = 0; m < spec.experiments[e].models.size(); ++m) {
      for (std::int64_t run = 0; run < spec.runs; ++run) {
        const std::string path = weights_path(spec, {static_cast<int>(e), static_cast<int>(m), run});
        if (!std::filesystem::remove(path, error) && error) throw Failure(path + ": " + error.message());
      }
    }
  }
  const std::string folder = weights_folder(spec);
  if (!std::filesystem::exists(folder, error) || !std::filesystem::is_empty(folder, error)) return;
  if (!std::filesystem::remove(folder, error)) throw Failure(folder + ": " + error.message());
}

}  // namespace deepfog
