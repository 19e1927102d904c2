#pragma once

#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "core/progress.hpp"

namespace deepfog {

/// The values in force as an INI file, each with where it came from.
std::string settings_text(const std::vector<EffectiveSetting>& effective);

/// Of --progress. Throws UserError.
ProgressMode progress_mode(const std::string& word);

/// Throws UserError when the file cannot be one in a folder that is or can become one.
void check_output(const std::string& output, const std::string& where);
void make_output_folder(const std::string& output);  ///< throws UserError

}  // namespace deepfog
