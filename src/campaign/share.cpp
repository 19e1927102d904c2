#include "campaign/share.hpp"

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
#include "storage/journal.hpp"

namespace deepfog {
namespace {

constexpr int most_shares = 9999;

}  // namespace

Share parse_share(const std::string& text, const std::string& where) {
  static const std::regex form("([0-9]{1,4})/([0-9]{1,4})");
  std::smatch found;
  Share share;
  if (std::regex_match(text, found, form)) share = {std::stoi(found[1]), std::stoi(found[2])};
  if (share.number < 1 || share.number > share.of) {
    throw UserError(where, "'" + text + "'",
                    "K/N, share K of N, 1 <= K <= N <= " + std::to_string(most_shares));
  }
  return share;
}

std::string text_of(const Share& share) {
  return share.whole() ? "" : std::to_string(share.number) + " of " + std::to_string(share.of);
}

void take_share(CampaignSpec& spec, const Share& share) {
  spec.share = share;
  spec.whole_output = spec.output;
  spec.output =
      shares_folder(spec) + "/" + std::to_string(share.number) + "-of-" + std::to_string(share.of) + ".h5";
}

Plan share_of(Plan plan, const Share& share) {
  if (share.whole()) return plan;
  std::map<RunKey, double> costs;
  for (const Unit& unit : plan.units)
    costs[unit.weights_key()] += unit.kind == UnitKind::training ? unit.cost : 0;
  std::vector<std::pair<RunKey, double>> runs(costs.begin(), costs.end());
  std::stable_sort(runs.begin(), runs.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::pair<double, std::size_t>> loads(static_cast<std::size_t>(share.of));  // cost, runs
  std::map<RunKey, int> owner;
  for (const auto& [key, cost] : runs) {
    const auto least = std::min_element(loads.begin(), loads.end());
    *least = {least->first + cost, least->second + 1};
    owner[key] = static_cast<int>(least - loads.begin()) + 1;
  }
  const auto others = [&](const Unit& unit) { return owner.at(unit.weights_key()) != share.number; };
  plan.units.erase(std::remove_if(plan.units.begin(), plan.units.end(), others), plan.units.end());
  return plan;
}

std::vector<ShareJournal> share_journals(const CampaignSpec& spec) {
  static const std::regex form("([0-9]{1,4})-of-([0-9]{1,4})\\.h5\\.journal");
  std::vector<ShareJournal> journals;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(shares_folder(spec), error)) {
    const std::string name = entry.path().filename().string();
    std::smatch found;
    if (!std::regex_match(name, found, form)) continue;
    journals.push_back({{std::stoi(found[1]), std::stoi(found[2])}, entry.path().string()});
  }
  std::sort(journals.begin(), journals.end(), [](const ShareJournal& a, const ShareJournal& b) {
    return std::tie(a.share.of, a.share.number) < std::tie(b.share.of, b.share.number);
  });
  return journals;
}

std::vector<JournalRecord> finished_elsewhere(const CampaignSpec& spec, const Plan& plan,
                                              const std::string& inputs,
                                              const std::vector<JournalRecord>& own) {
  const ConfigParts now(spec.config_text, inputs);
  const std::string own_path = journal_path(spec);
  std::set<RunKey> wanted;
  for (const Unit& unit : plan.units) wanted.insert(unit.key);
  for (const JournalRecord& entry : own) {
    if (record::is_unit(entry)) wanted.erase(record::key_of(entry, own_path));
  }
  std::vector<JournalRecord> found;
  for (const ShareJournal& share : share_journals(spec)) {
    if (share.path == own_path) continue;
    const JournalContent content = read_journal(share.path);
    if (content.header_text.empty() || content.header_text == spec.config_text) continue;
    for (JournalRecord& entry : records_in_force(content.header_text, content.records, now, share.path)) {
      const bool finished = record::is_unit(entry) && entry.type != record::failed_type;
      if (finished && wanted.count(record::key_of(entry, share.path)) != 0) found.push_back(std::move(entry));
    }
  }
  return found;
}

void remove_shares(const CampaignSpec& spec) {
  std::vector<std::unique_ptr<Journal>> held;
  for (const ShareJournal& journal : share_journals(spec))
    held.push_back(std::make_unique<Journal>(journal.path, journal_header(journal.path)));
  remove_folder_of_shares(spec);
}

void remove_folder_of_shares(const CampaignSpec& spec) {
  std::error_code error;
  std::filesystem::remove_all(shares_folder(spec), error);
  if (error) throw Failure(shares_folder(spec) + ": " + error.message());
}

}  // namespace deepfog
