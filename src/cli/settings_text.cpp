#include "cli/settings_text.hpp"

#include <filesystem>
#include <map>

#include "cli/json_text.hpp"
#include "core/error.hpp"
#include "core/home.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace fs = std::filesystem;

std::string settings_text(const std::vector<EffectiveSetting>& effective) {
  std::string text, section;
  for (const auto& setting : effective) {
    if (!setting.shown) continue;
    if (setting.section != section) text += (text.empty() ? "[" : "\n[") + setting.section + "]\n";
    section = setting.section;
    std::string line = setting.key + " = " + setting.value;
    if (line.size() < 40) line.append(40 - line.size(), ' ');
    text += line + "  # " + setting.where + "\n";
  }
  return text;
}

std::string settings_json(const std::string& verb, const std::vector<EffectiveSetting>& effective) {
  std::vector<std::string> names;
  std::map<std::string, std::string> sections;
  for (const auto& setting : effective) {
    if (!setting.shown) continue;
    if (sections.count(setting.section) == 0) names.push_back(setting.section);
    std::string& text = sections[setting.section];
    text += (text.empty() ? "\n    " : ",\n    ") + json_string(setting.key) +
            ": {\"value\": " + json_string(setting.value) + ", \"where\": " + json_string(setting.where) +
            "}";
  }
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "\n  " : ",\n  ") + json_string(name) + ": {" + sections[name] + "\n  }";
  return "{\"verb\": " + json_string(verb) + ", \"sections\": {" + text + "\n}}\n";
}

std::string canonical_text(const std::vector<EffectiveSetting>& effective) {
  std::string text, section;
  for (const auto& setting : effective) {
    if (!setting.decides_numbers) continue;
    if (setting.section != section) text += (text.empty() ? "[" : "\n[") + setting.section + "]\n";
    section = setting.section;
    text += setting.key + " = " + setting.value + "\n";
  }
  return text;
}

std::string resolved_path(const IniFile& file, const IniEntry& entry) {
  const fs::path path(entry.value);
  if (path.is_absolute()) return entry.value;
  if (entry.where.compare(0, 5, "--set") == 0) return shipped_file(entry.value);
  return (fs::path(file.path).parent_path() / path).lexically_normal().string();
}

bool is_path(const std::string& dataset) {
  return dataset.find('/') != std::string::npos || fs::path(dataset).extension() == ".h5";
}

ProgressMode progress_mode(const std::string& word) {
  if (word == "auto") return ProgressMode::automatic;
  if (word == "always") return ProgressMode::always;
  if (word == "never") return ProgressMode::never;
  throw UserError("--progress " + word, "unknown mode", "auto, always, never allowed");
}

void check_output(const std::string& output, const std::string& where) {
  check_output_text(output, where);
  std::error_code problem;  // a path that cannot be examined counts as missing; check_output_file() will
                            // report it
  if (fs::is_directory(output, problem))
    throw UserError(where, "output " + output + " is a folder", "a file allowed");
  for (fs::path folder = fs::path(output).parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::is_directory(folder, problem)) return;
    if (fs::exists(folder, problem)) {
      throw UserError(where, "output " + output + ": " + folder.string() + " is no folder",
                      "a file in a folder allowed");
    }
    if (folder == folder.parent_path()) return;
  }
}

}  // namespace deepfog
