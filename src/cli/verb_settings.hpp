#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "cli/verb.hpp"

namespace deepfog {

/// The values in force that a verb's arguments ask for, of every option that the verb has; nothing when they
/// ask for help. Nothing is written and no data set is looked for. All throw UserError.
std::optional<std::vector<EffectiveSetting>> run_settings(const Invocation& invocation);
std::optional<std::vector<EffectiveSetting>> partition_settings(const Invocation& invocation);
std::optional<std::vector<EffectiveSetting>> infer_settings(const Invocation& invocation);

/// The option --print-config[=FORM].
void add_print_option(boost::program_options::options_description& options);

/// What --print-config prints: as INI text, or as JSON for scripts. Throws UserError for another form.
std::string printed_settings(const std::string& verb, const std::vector<EffectiveSetting>& effective,
                             const std::string& form);

}  // namespace deepfog
