#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// One `key = value` and its place ("configs/health.ini:7" or "--set"), with which every message about it
/// begins.
struct IniEntry {
  std::string key, value, where;
};

struct IniSection {
  std::string name;  ///< "campaign", "experiment.health", "model.health.vanilla"
  std::string where;
  std::vector<IniEntry> entries;  ///< file order

  const IniEntry* find(const std::string& key) const;
};

/// A config file as written, before its keys are interpreted. Boost's own INI reader does not keep line
/// numbers.
///   [section]     names: letters, digits, _ . -
///   key = value   # a comment begins with # or ; at the start of a line or after a blank
struct IniFile {
  std::string path;
  std::vector<IniSection> sections;  ///< file order

  const IniSection* find(const std::string& name) const;
};

/// Reads a file of at most 1 MiB. Throws UserError "file:line: what (allowed)" for a line that is neither
/// section nor entry, a section or key that occurs twice, an entry before the first section, and characters
/// that are not text.
IniFile read_ini(const std::string& path);

/// The same for a text; `path` stands for the file in messages.
IniFile parse_ini(const std::string& text, const std::string& path);

/// Applies "section.key=value" of --set: replaces the entry, or adds it to an existing section. A key without
/// a section belongs to [campaign]. Throws UserError.
void override_entry(IniFile& file, const std::string& assignment);

}  // namespace deepfog
