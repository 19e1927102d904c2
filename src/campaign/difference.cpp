#include "campaign/difference.hpp"

#include <map>
#include <sstream>
#include <utility>

namespace deepfog {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Key -> value; a line without '=' is a key of its own. A repeated key is numbered.
std::map<std::string, std::string> settings(const std::string& text) {
  std::map<std::string, std::string> found;
  std::istringstream lines(text);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2) + ".";
      continue;
    }
    const std::size_t equals = line.find('=');
    const std::string key = section + trimmed(line.substr(0, equals));
    const std::string value = equals == std::string::npos ? "there" : trimmed(line.substr(equals + 1));
    std::string name = key;
    for (int copy = 2; found.count(name) != 0; ++copy) name = key + "#" + std::to_string(copy);
    found[name] = value;
  }
  return found;
}

}  // namespace

std::vector<std::string> config_difference(const std::string& before, const std::string& now) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const auto& [key, value] : settings(before)) both[key] = {value, "(none)"};
  for (const auto& [key, value] : settings(now)) {
    const auto entry = both.find(key);
    if (entry == both.end()) {
      both[key] = {"(none)", value};
    } else {
      entry->second.second = value;
    }
  }
  std::vector<std::string> lines;
  for (const auto& [key, values] : both) {
    if (values.first != values.second) lines.push_back(key + ": " + values.first + " -> " + values.second);
  }
  return lines;
}

}  // namespace deepfog
