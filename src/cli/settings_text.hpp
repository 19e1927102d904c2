#pragma once

#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "core/progress.hpp"

namespace deepfog {

/// The effective values as an INI file, each with its origin.
std::string settings_text(const std::vector<EffectiveSetting>& effective);

/// The same values as JSON:
/// {"verb": VERB, "sections": {SECTION: {KEY: {"value": TEXT, "where": TEXT}}}}
std::string settings_json(const std::string& verb, const std::vector<EffectiveSetting>& effective);

/// Only the values that decide the numbers, in the order of the sections. Its hash tells whether two configs
/// are equal.
std::string canonical_text(const std::vector<EffectiveSetting>& effective);

/// Resolves a path: in a config file it is relative to that file; on the command line it is relative to the
/// working directory or, if nothing is there, to the folder shipped with the program.
std::string resolved_path(const IniFile& file, const IniEntry& entry);

/// Whether this is a path; a bare name is looked up in the data folders (as in find_dataset()).
bool is_path(const std::string& dataset);

/// The mode that --progress names. Throws UserError.
ProgressMode progress_mode(const std::string& word);

/// Throws UserError if `output` cannot be a file in a folder that exists or can be created.
void check_output(const std::string& output, const std::string& where);

}  // namespace deepfog
