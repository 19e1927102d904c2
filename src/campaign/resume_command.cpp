#include "campaign/resume_command.hpp"

#include <sstream>

namespace deepfog {

std::string resume_command(const std::string& command_line) {
  std::istringstream words(command_line);
  std::string command;
  for (std::string word; words >> word;) {
    if (word != "--restart") command += (command.empty() ? "" : " ") + word;
  }
  return command.empty() ? "the same command" : command;
}

}  // namespace deepfog
