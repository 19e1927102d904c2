#include "campaign/shard.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <tuple>

#include "campaign/lineage.hpp"
#include "campaign/paths.hpp"
#include "campaign/records.hpp"
#include "core/error.hpp"
#include "storage/record_log.hpp"

namespace deepfog {
namespace {

constexpr int most_shards = 9999;

}  // namespace

Shard parse_shard(const std::string& text, const std::string& where) {
  static const std::regex form("([0-9]{1,4})/([0-9]{1,4})");
  std::smatch found;
  Shard shard;
  if (std::regex_match(text, found, form)) shard = {std::stoi(found[1]), std::stoi(found[2])};
  if (shard.number < 1 || shard.number > shard.of) {
    throw UserError(where, "'" + text + "'",
                    "K/N, share K of N, 1 <= K <= N <= " + std::to_string(most_shards));
  }
  return shard;
}

std::string text_of(const Shard& shard) {
  return shard.whole() ? "" : std::to_string(shard.number) + " of " + std::to_string(shard.of);
}

void take_shard(CampaignSpec& spec, const Shard& shard) {
  spec.shard = shard;
  spec.whole_output = spec.output;
  spec.output =
      shards_folder(spec) + "/" + std::to_string(shard.number) + "-of-" + std::to_string(shard.of) + ".h5";
}

Plan shard_of(Plan plan, const Shard& shard) {
  if (shard.whole()) return plan;
  std::map<RunKey, double> costs;
  for (const Task& task : plan.tasks)
    costs[task.weights_key()] += task.kind == TaskKind::training ? task.cost : 0;
  std::vector<std::pair<RunKey, double>> runs(costs.begin(), costs.end());
  std::stable_sort(runs.begin(), runs.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::pair<double, std::size_t>> loads(static_cast<std::size_t>(shard.of));  // cost, runs
  std::map<RunKey, int> owner;
  for (const auto& [key, cost] : runs) {
    const auto least = std::min_element(loads.begin(), loads.end());
    *least = {least->first + cost, least->second + 1};
    owner[key] = static_cast<int>(least - loads.begin()) + 1;
  }
  const auto others = [&](const Task& task) { return owner.at(task.weights_key()) != shard.number; };
  plan.tasks.erase(std::remove_if(plan.tasks.begin(), plan.tasks.end(), others), plan.tasks.end());
  return plan;
}

std::vector<ShardJournal> shard_journals(const CampaignSpec& spec) {
  static const std::regex form("([0-9]{1,4})-of-([0-9]{1,4})\\.h5\\.journal");
  std::vector<ShardJournal> journals;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(shards_folder(spec), error)) {
    const std::string name = entry.path().filename().string();
    std::smatch found;
    if (!std::regex_match(name, found, form)) continue;
    journals.push_back({{std::stoi(found[1]), std::stoi(found[2])}, entry.path().string()});
  }
  std::sort(journals.begin(), journals.end(), [](const ShardJournal& a, const ShardJournal& b) {
    return std::tie(a.shard.of, a.shard.number) < std::tie(b.shard.of, b.shard.number);
  });
  return journals;
}

std::vector<LogRecord> finished_elsewhere(const CampaignSpec& spec, const Plan& plan,
                                          const std::string& inputs, const std::vector<LogRecord>& own) {
  const ConfigParts now(spec.config_text, inputs);
  const std::string own_path = journal_path(spec);
  std::set<RunKey> wanted;
  for (const Task& task : plan.tasks) wanted.insert(task.key);
  for (const LogRecord& entry : own) {
    if (record::is_task(entry)) wanted.erase(record::key_of(entry, own_path));
  }
  std::vector<LogRecord> found;
  for (const ShardJournal& shard : shard_journals(spec)) {
    if (shard.path == own_path) continue;
    const RecordLogContent content = read_record_log(shard.path);
    if (content.header_text.empty() || content.header_text == spec.config_text) continue;
    for (LogRecord& entry : records_in_force(content.header_text, content.records, now, shard.path)) {
      const bool finished = record::is_task(entry) && entry.type != record::failed_type;
      if (finished && wanted.count(record::key_of(entry, shard.path)) != 0) found.push_back(std::move(entry));
    }
  }
  return found;
}

void remove_shards(const CampaignSpec& spec) {
  std::vector<std::unique_ptr<RecordLog>> held;
  for (const ShardJournal& journal : shard_journals(spec))
    held.push_back(std::make_unique<RecordLog>(journal.path, record_log_header(journal.path)));
  remove_folder_of_shards(spec);
}

void remove_folder_of_shards(const CampaignSpec& spec) {
  std::error_code error;
  std::filesystem::remove_all(shards_folder(spec), error);
  if (error) throw Failure(shards_folder(spec) + ": " + error.message());
}

}  // namespace deepfog
