#include "cli/setting_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "cli/byte_size.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string shortest(double value) {
  char text[40];
  for (int digits = 6; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  return text;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> found;
  for (std::string word; in >> word;) found.push_back(word);
  return found;
}

double parse_number(const std::string& text, const std::string& where, const std::string& what) {
  double value = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, problem] = std::from_chars(begin, end, value);
  if (problem != std::errc() || stop != end || !std::isfinite(value)) {
    throw UserError(where, what + " = " + quoted(text) + " is no number",
                    "a decimal number, e.g. 0.05, allowed");
  }
  return value;
}

void check_name(const std::string& name, const std::string& where, const std::string& what, bool dots) {
  const bool good = !name.empty() && name.size() <= 64 && is_word(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [&](char c) { return is_word(c) || c == '-' || (dots && c == '.'); });
  if (!good) {
    throw UserError(where, quoted(name) + " is no name for " + what,
                    std::string("1 to 64 of A-Z a-z 0-9 _ ") + (dots ? ". " : "") + "- allowed");
  }
}

void check_keys(const IniSection& section, const std::vector<std::string>& allowed,
                const std::string& family) {
  for (const auto& entry : section.entries) {
    if (!family.empty() && entry.key.compare(0, family.size(), family) == 0) {
      check_name(entry.key.substr(family.size()), entry.where,
                 family == "let." ? "a let of a topology" : "a reliability setting");
      continue;
    }
    if (std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end()) continue;
    const std::string nearest = nearest_name(entry.key, allowed);
    throw UserError(entry.where, "unknown key " + quoted(entry.key) + " in [" + section.name + "]",
                    nearest.empty()
                        ? "keys: " + listing(allowed) +
                              (family.empty() ? "" : ", " + family + (family == "let." ? "NAME" : "SETTING"))
                        : "did you mean " + nearest + "?");
  }
}

SettingReader::SettingReader(const IniSection& section, const IniSection* defaults,
                             std::vector<EffectiveSetting>& effective)
    : section_(section), defaults_(defaults), effective_(effective) {}

const IniEntry* SettingReader::entry(const std::string& key) const {
  const IniEntry* own = section_.find(key);
  return own != nullptr || defaults_ == nullptr ? own : defaults_->find(key);
}

void SettingReader::note(const std::string& key, const std::string& value, const std::string& where,
                         bool decides_numbers, bool shown) {
  effective_.push_back({section_.name, key, value, where, decides_numbers, shown});
}

std::string SettingReader::required(const std::string& key) {
  const IniEntry* found = entry(key);
  if (found == nullptr) throw UserError(section_.where, "[" + section_.name + "] lacks the key " + key);
  if (found->value.empty()) throw UserError(found->where, key + " is empty");
  note(key, found->value, found->where);
  return found->value;
}

std::string SettingReader::text(const std::string& key, const std::string& fallback, bool decides_numbers) {
  const IniEntry* found = entry(key);
  if (found != nullptr && found->value.empty()) throw UserError(found->where, key + " is empty");
  const std::string value = found == nullptr ? fallback : found->value;
  note(key, value, found == nullptr ? "default" : found->where, decides_numbers);
  return value;
}

std::string SettingReader::name(const std::string& key, const std::string& what) {
  const std::string value = required(key);
  check_name(value, entry(key)->where, what);
  return value;
}

std::string SettingReader::choice(const std::string& key, const std::vector<std::string>& allowed,
                                  const std::string& fallback) {
  const std::string value = text(key, fallback);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    throw UserError(entry(key)->where, key + " = " + quoted(value), listing(allowed) + " allowed");
  }
  return value;
}

std::int64_t SettingReader::integer(const std::string& key, std::int64_t low, std::int64_t high,
                                    std::int64_t fallback) {
  const IniEntry* found = entry(key);
  std::int64_t value = fallback;
  if (found != nullptr) {
    const char* end = found->value.data() + found->value.size();
    const auto [stop, problem] = std::from_chars(found->value.data(), end, value);
    if (problem != std::errc() || stop != end || value < low || value > high) {
      throw UserError(
          found->where, key + " = " + quoted(found->value),
          "a whole number from " + std::to_string(low) + " to " + std::to_string(high) + " allowed");
    }
  }
  note(key, std::to_string(value), found == nullptr ? "default" : found->where);
  return value;
}

double SettingReader::number(const std::string& key, double low, double high, double fallback, bool open) {
  const IniEntry* found = entry(key);
  double value = fallback;
  if (found != nullptr) {
    value = parse_number(found->value, found->where, key);
    if (value < low || value > high || (open && value == low)) {
      throw UserError(found->where, key + " = " + quoted(found->value),
                      (open ? "above " : "from ") + shortest(low) + " to " + shortest(high) + " allowed");
    }
  }
  note(key, shortest(value), found == nullptr ? "default" : found->where);
  return value;
}

std::int64_t SettingReader::bytes(const std::string& key, std::int64_t low, std::int64_t high,
                                  std::int64_t fallback) {
  const IniEntry* found = entry(key);
  const auto value = found == nullptr ? std::optional(fallback) : parse_bytes(found->value);
  if (!value || *value < low || *value > high) {
    throw UserError(found->where, key + " = " + quoted(found->value),
                    "bytes from " + byte_text(low) + " to " + byte_text(high) + ", as 512MiB, allowed");
  }
  note(key, byte_text(*value), found == nullptr ? "default" : found->where);
  return *value;
}

bool SettingReader::truth(const std::string& key, bool fallback) {
  return choice(key, {"true", "false"}, fallback ? "true" : "false") == "true";
}

}  // namespace deepfog
