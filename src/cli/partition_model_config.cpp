#include "cli/partition_model_config.hpp"

#include "cli/byte_size.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

const std::string kModel = "model.";
constexpr int kMostFailed = 15;

const std::vector<std::string>& partition_model_keys() {
  static const std::vector<std::string> keys{"method",        "threshold",  "memory", "accuracy",
                                             "failed",        "refined",    "front",  "scores",
                                             "normalisation", "experiments"};
  return keys;
}

/// Parses "800000", "5MiB" or "40%".
MemoryBudget budget_of(const std::string& word, const IniEntry& entry) {
  MemoryBudget budget;
  if (word.back() != '%') {
    budget.bytes = parse_bytes(word).value_or(0);
    if (budget.bytes >= 1) return budget;
    throw UserError(entry.where, "memory = \"" + word + "\"",
                    "bytes of a device (800000, 5MiB) or percent of full replication (40%) allowed");
  }
  budget.share = parse_number(word.substr(0, word.size() - 1), entry.where, "memory") / 100;
  if (budget.share > 0 && budget.share <= 1) return budget;
  throw UserError(entry.where, "memory = \"" + word + "\"", "above 0 % to 100 % of full replication allowed");
}

void read_scores(SettingReader& reader, CutModelSpec& model) {
  const std::string text = reader.text("scores", "s1 s2 s3");
  model.use = {false, false, false};
  for (const std::string& word : words(text)) {
    const bool known = word == "s1" || word == "s2" || word == "s3";
    if (!known || model.use[static_cast<std::size_t>(word[1] - '1')]) {
      throw UserError(reader.entry("scores")->where, "scores = \"" + text + "\"",
                      "some of s1 s2 s3, each once, allowed");
    }
    model.use[static_cast<std::size_t>(word[1] - '1')] = true;
  }
  const std::string normalisation = reader.choice("normalisation", {"zscore", "minmax", "none"}, "zscore");
  model.normalisation = score_normalisation_of(normalisation, "normalisation");
}

void read_robustdice(SettingReader& reader, CutModelSpec& model, std::vector<MemoryBudget>& budgets) {
  int given = 0;
  for (const char* key : {"threshold", "memory", "accuracy"}) given += reader.is_own(key) ? 1 : 0;
  if (given != 1) {
    throw UserError(
        reader.section().where,
        "method = robustdice with " + std::to_string(given) + " of threshold, memory and accuracy",
        "one of them allowed");
  }
  if (reader.is_own("threshold")) {
    const std::string text = reader.required("threshold");
    const std::string where = reader.entry("threshold")->where;
    for (const std::string& word : words(text)) {
      model.thresholds.push_back(parse_number(word, where, "threshold"));
      if (model.thresholds.back() < 0)
        throw UserError(where, "threshold = \"" + text + "\"", "0 or more allowed");
    }
  } else if (reader.is_own("memory")) {
    for (const std::string& word : words(reader.required("memory")))
      budgets.push_back(budget_of(word, *reader.entry("memory")));
    model.memory_share = budgets.front().share;
    model.memory_bytes = budgets.front().bytes;
    model.refined = reader.truth("refined", false);
  } else {
    model.accuracy = reader.number("accuracy", 0, 1, 0.5, true);
  }
  if (reader.is_own("refined") && !reader.is_own("memory"))
    throw UserError(reader.entry("refined")->where, "refined without memory");
  model.front = static_cast<int>(reader.integer("front", 0, 10000, 0));
  if (reader.is_own("failed") && reader.section().find("failed")->value == "all") {
    model.failed = 0;
    reader.text("failed", "all");
  } else {
    model.failed = static_cast<int>(reader.integer("failed", 1, kMostFailed, 1));
  }
  if (reader.is_own("failed") && !model.searches())
    throw UserError(reader.entry("failed")->where, "failed without accuracy, refined or front");
  read_scores(reader, model);
}

}  // namespace

CutModelSpec read_cut_model(const IniSection& section, std::vector<EffectiveSetting>& effective,
                            std::vector<MemoryBudget>& budgets) {
  check_keys(section, partition_model_keys());
  SettingReader reader(section, nullptr, effective);
  CutModelSpec model;
  model.name = section.name.substr(kModel.size());
  reader.required("method");
  effective.pop_back();  // choice() records it
  model.method = reader.choice("method", {"robustdice", "lop", "cdc", "replicated", "random"}, "");
  if (model.method == "robustdice") {
    read_robustdice(reader, model, budgets);
    return model;
  }
  for (const char* key :
       {"threshold", "memory", "accuracy", "failed", "refined", "front", "scores", "normalisation"}) {
    if (reader.is_own(key))
      throw UserError(reader.entry(key)->where, std::string(key) + " without method = robustdice");
  }
  return model;
}

}  // namespace deepfog
