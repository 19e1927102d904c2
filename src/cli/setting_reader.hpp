#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/ini_file.hpp"

namespace deepfog {

/// An effective value and its origin: file:line, "--set ..." or "default".
struct EffectiveSetting {
  std::string section, key, value, where;
  bool decides_numbers = true;  ///< is part of CampaignSpec::config_text
  bool shown = true;            ///< is printed by --print-config
};

/// Typed access to the entries of one section, with another section's entries as defaults (experiment ->
/// model). Every value that is read is recorded as an EffectiveSetting, in canonical form. All methods throw
/// UserError with the place of the entry.
class SettingReader {
 public:
  SettingReader(const IniSection& section, const IniSection* defaults,
                std::vector<EffectiveSetting>& effective);

  const IniEntry* entry(const std::string& key) const;  ///< own entry, else the default section's, else null
  bool is_own(const std::string& key) const { return section_.find(key) != nullptr; }
  const IniSection& section() const { return section_; }

  /// Throws if the entry is missing.
  std::string required(const std::string& key);
  std::string text(const std::string& key, const std::string& fallback, bool decides_numbers = true);
  std::string name(const std::string& key, const std::string& what);  ///< required; see check_name
  std::string choice(const std::string& key, const std::vector<std::string>& allowed,
                     const std::string& fallback);
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t fallback);
  /// In [low, high], or in (low, high] if `open`.
  double number(const std::string& key, double low, double high, double fallback, bool open = false);
  bool truth(const std::string& key, bool fallback);
  /// A number of bytes: 1000000, 512KiB, 64MiB, 1GiB.
  std::int64_t bytes(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t fallback);

  void note(const std::string& key, const std::string& value, const std::string& where,
            bool decides_numbers = true, bool shown = true);

 private:
  const IniSection& section_;
  const IniSection* defaults_;
  std::vector<EffectiveSetting>& effective_;
};

/// Throws UserError at the first key of `section` that is not in `allowed`, suggesting the nearest one.
/// @param family  "reliability." or "let.": keys with this prefix are allowed, too; empty: none
void check_keys(const IniSection& section, const std::vector<std::string>& allowed,
                const std::string& family = "");

/// Checks names of campaigns, experiments, models and settings: [A-Za-z0-9_.-]+, at most 64 characters,
/// beginning with a letter, a digit or _. Experiments have no dots, so that [model.EXPERIMENT.MODEL] is
/// unambiguous.
void check_name(const std::string& name, const std::string& where, const std::string& what, bool dots = true);

double parse_number(const std::string& text, const std::string& where, const std::string& what);

/// The shortest decimal that reads back as the same double: "0.05", never "0.050000000000000003".
std::string shortest(double value);

std::vector<std::string> words(const std::string& text);

}  // namespace deepfog
