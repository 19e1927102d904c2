#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/setting_reader.hpp"
#include "cli/verb.hpp"

namespace deepfog {

/// The effective values of all options of a verb for these arguments; nullopt if they ask for help. Nothing
/// is written and no data set is looked for. All throw UserError.
std::optional<std::vector<EffectiveSetting>> run_settings(const Invocation& invocation);
std::optional<std::vector<EffectiveSetting>> partition_settings(const Invocation& invocation);
std::optional<std::vector<EffectiveSetting>> infer_settings(const Invocation& invocation);

/// Adds the option --print-config[=FORM].
void add_print_option(boost::program_options::options_description& options);

/// The output of --print-config: INI text, or JSON for scripts. Throws UserError for any other form.
std::string printed_settings(const std::string& verb, const std::vector<EffectiveSetting>& effective,
                             const std::string& form);

}  // namespace deepfog
