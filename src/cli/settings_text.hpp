#pragma once

#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "core/progress.hpp"

namespace deepfog {

/// The values in force as an INI file, each with where it came from.
std::string settings_text(const std::vector<EffectiveSetting>& effective);

/// The same values as JSON:
/// {"verb": VERB, "sections": {SECTION: {KEY: {"value": TEXT, "where": TEXT}}}}
std::string settings_json(const std::string& verb, const std::vector<EffectiveSetting>& effective);

/// What decides the numbers and nothing else, in the order of the sections: its hash says whether two configs
/// are the same.
std::string canonical_text(const std::vector<EffectiveSetting>& effective);

/// Paths of a config file are relative to it; those typed on the command line to where it was typed,
/// or, where nothing is there, to the folder that came with the program.
std::string resolved_path(const IniFile& file, const IniEntry& entry);

/// A bare name is looked up in the data folders, anything else is a file (as find_dataset sees it).
bool is_path(const std::string& dataset);

/// Of --progress. Throws UserError.
ProgressMode progress_mode(const std::string& word);

/// Throws UserError when the file cannot be one in a folder that is or can become one.
void check_output(const std::string& output, const std::string& where);

}  // namespace deepfog
