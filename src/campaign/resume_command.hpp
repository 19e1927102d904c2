#pragma once

#include <string>

namespace deepfog {

/// The command line that continues a campaign: the same one, without --restart, which would throw it away.
std::string resume_command(const std::string& command_line);

}  // namespace deepfog
