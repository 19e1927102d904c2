#include "cli/campaign_options.hpp"

#include <cstdio>
#include <filesystem>

#include "campaign/paths.hpp"
#include "campaign/shard.hpp"
#include "cli/result_tables.hpp"
#include "core/home.hpp"
#include "results/failed_runs.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace po = boost::program_options;

void add_config_options(po::options_description& options) {
  auto* texts = po::value<std::vector<std::string>>()->composing()->multitoken();
  auto add = options.add_options();
  add("help,h", "this text");
  add("config", po::value<std::string>()->required(), "config file (INI)");
  add("set", texts, "section.key=value ...: wins over the config file");
  add("output", po::value<std::string>(), "results file; wins over the config's output");
}

void add_campaign_options(po::options_description& options) {
  add_config_options(options);
  auto add = options.add_options();
  add("engine", po::value<std::string>(), "diagram | reference: how combinations are swept; the same counts");
  add("memory", po::value<std::string>(), "bound of a rank's sweep buffers, as 512MiB; the same counts");
  add("device", po::value<std::string>(),
      "cpu | cuda: where LibTorch trains and sweeps; ranks of a host take its GPUs in turn. trainer = fused, "
      "and engine = diagram for dense networks, stay on the processor");
}

std::string config_option(const po::variables_map& values) {
  const auto given = values["config"].as<std::string>();
  for (const std::string& name : {given, "configs/" + given, "configs/" + given + ".ini"}) {
    const std::string path = shipped_file(name);
    std::error_code unknown;  // a path that cannot be examined counts as missing
    if (std::filesystem::exists(path, unknown)) return path;
  }
  return given;
}

std::string output_option(const po::variables_map& values) {
  if (values.count("output") == 0) return "";
  check_output_text(values["output"].as<std::string>(), "--output");
  return values["output"].as<std::string>();
}

CampaignConfig load_campaign(const po::variables_map& values) {
  auto sets =
      values.count("set") == 0 ? std::vector<std::string>() : values["set"].as<std::vector<std::string>>();
  for (const char* option : {"engine", "memory", "device"}) {
    if (values.count(option) != 0)
      sets.push_back("campaign." + std::string(option) + "=" + values[option].as<std::string>());
  }
  const auto output = output_option(values);
  CampaignConfig config = load_campaign_config(config_option(values), sets, output);
  if (values.count("share") != 0)
    take_shard(config.spec, parse_shard(values["share"].as<std::string>(), "--share"));
  return config;
}

std::string outcome_text(const CampaignSpec& spec, const CampaignOutcome& outcome, double seconds) {
  const Results& results = outcome.results;
  const std::string status = status_of(results);
  std::string text;
  if (spec.shard.whole() || status == "complete") text = result_tables(results) + result_lines(results);
  char took[32];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  const std::size_t failed = failed_run_lines(results).size();
  return text + "RESULT campaign=" + spec.name +
         " file=" + (status == "complete" ? whole_output(spec) : spec.output) +
         " valid=" + validity_word(results) + " status=" + status + " seconds=" + took +
         (failed == 0 ? "" : " failed_runs=" + std::to_string(failed)) + "\n";
}

}  // namespace deepfog
