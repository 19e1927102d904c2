#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/verb.hpp"

namespace deepfog {

/// Parses a verb's arguments. With --help it prints `usage`, the options and `example` (on rank 0 only) and
/// returns nullopt. Throws UserError for an unknown option (suggesting the nearest one), a missing or
/// malformed value, and an option given twice.
/// @param positional  the option that takes the arguments without dashes; empty: none are allowed
std::optional<boost::program_options::variables_map> parse_options(
    const Invocation& invocation, const boost::program_options::options_description& options,
    const std::string& positional, const std::string& usage, const std::string& example);

}  // namespace deepfog
