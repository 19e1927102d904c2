#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// What differs between two config texts (INI: [section], key = value, # comments), one line a key:
/// "section.key: old
/// -> new", "(none)" where one lacks it. Falls back on plain lines where a text is no INI. Empty: no key
/// differs.
std::vector<std::string> config_difference(const std::string& before, const std::string& now);

}  // namespace deepfog
