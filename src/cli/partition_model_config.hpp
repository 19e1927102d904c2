#pragma once

#include <vector>

#include "cli/setting_reader.hpp"
#include "cutting/spec.hpp"

namespace deepfog {

/// One [model.NAME] of `deepfog partition`; what is in force is added to `effective`. Throws UserError
/// "file:line: what (allowed)".
CutModelSpec read_cut_model(const IniSection& section, std::vector<EffectiveSetting>& effective);

}  // namespace deepfog
