#include "cli/ini_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
const char* const kBlanks = " \t\r";

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string without_comment(const std::string& line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool starts = line[i] == '#' || line[i] == ';';
    if (starts && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) return line.substr(0, i);
  }
  return line;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

void add_section(IniFile& file, const std::string& line, const std::string& where) {
  if (line.back() != ']') throw UserError(where, "section without closing bracket", "[name] allowed");
  const std::string name = trimmed(line.substr(1, line.size() - 2));
  if (!is_name(name)) {
    throw UserError(where, "\"" + name + "\" is no section name", "letters, digits, _ . - allowed");
  }
  if (const auto* first = file.find(name)) {
    throw UserError(where, "section [" + name + "] a second time", "first at " + first->where);
  }
  file.sections.push_back({name, where, {}});
}

void add_entry(IniFile& file, const std::string& line, const std::string& where) {
  const auto equals = line.find('=');
  if (equals == std::string::npos) {
    throw UserError(where, "\"" + line.substr(0, 40) + "\" is neither [section] nor key = value");
  }
  const std::string key = trimmed(line.substr(0, equals));
  if (!is_name(key)) throw UserError(where, "\"" + key + "\" is no key", "letters, digits, _ . - allowed");
  if (file.sections.empty())
    throw UserError(where, key + " stands before the first section", "[campaign] first");
  auto& section = file.sections.back();
  if (const auto* first = section.find(key)) {
    throw UserError(where, "key " + key + " a second time in [" + section.name + "]",
                    "first at " + first->where);
  }
  section.entries.push_back({key, trimmed(line.substr(equals + 1)), where});
}

/// Refuses control characters other than blanks and line ends, so that a data file given as a config is
/// recognised at once.
void check_text(const std::string& text, const std::string& path) {
  int line = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') ++line;
    if ((byte < 32 && c != '\t' && c != '\r' && c != '\n') || byte == 127) {
      throw UserError(path + ":" + std::to_string(line), "contains control characters",
                      "a config file is plain text");
    }
  }
}

}  // namespace

const IniEntry* IniSection::find(const std::string& key) const {
  const auto at =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
  return at == entries.end() ? nullptr : &*at;
}

const IniSection* IniFile::find(const std::string& name) const {
  const auto at =
      std::find_if(sections.begin(), sections.end(), [&](const auto& one) { return one.name == name; });
  return at == sections.end() ? nullptr : &*at;
}

IniFile parse_ini(const std::string& text, const std::string& path) {
  check_text(text, path);
  IniFile file{path, {}};
  std::istringstream lines(text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? text.substr(3) : text);
  std::string raw;
  for (int number = 1; std::getline(lines, raw); ++number) {
    const std::string where = path + ":" + std::to_string(number);
    const std::string line = trimmed(without_comment(raw));
    if (line.empty()) continue;
    if (line.front() == '[') {
      add_section(file, line, where);
    } else {
      add_entry(file, line, where);
    }
  }
  return file;
}

IniFile read_ini(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw UserError(path, std::string("cannot be read: ") + std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  in.read(&text[0], static_cast<std::streamsize>(text.size()));
  if (in.bad()) throw UserError(path, "cannot be read", "a config file is plain text");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxBytes) throw UserError(path, "larger than 1 MiB", "a config file is plain text");
  return parse_ini(text, path);
}

void override_entry(IniFile& file, const std::string& assignment) {
  const std::string where = "--set " + assignment;
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw UserError(where, "no value", "section.key=value allowed");
  const std::string path = trimmed(assignment.substr(0, equals));
  // Names may contain dots: the longest section that exists is taken.
  IniSection* section = nullptr;
  for (auto& one : file.sections) {
    const bool begins = path.compare(0, one.name.size() + 1, one.name + ".") == 0;
    if (begins && (section == nullptr || one.name.size() > section->name.size())) section = &one;
  }
  std::string key = section == nullptr ? path : path.substr(section->name.size() + 1);
  if (section == nullptr && path.find('.') == std::string::npos) {
    for (auto& one : file.sections) {
      if (one.name == "campaign") section = &one;
    }
  }
  if (section == nullptr) {
    std::vector<std::string> names;
    for (const auto& one : file.sections) names.push_back(one.name);
    throw UserError(where, "no such section in " + file.path, "sections: " + listing(names));
  }
  if (!is_name(key)) throw UserError(where, "\"" + key + "\" is no key", "letters, digits, _ . - allowed");
  const IniEntry entry{key, trimmed(assignment.substr(equals + 1)), where};
  for (auto& one : section->entries) {
    if (one.key == key) {
      one = entry;
      return;
    }
  }
  section->entries.push_back(entry);
}

}  // namespace deepfog
