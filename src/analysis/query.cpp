#include "analysis/query.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

constexpr const char* availability_form = "0 to 1, or MTTF/MTTR as 1000h/8h";

/// The time in hours; NaN if the text is no time.
double hours_of(const std::string& text) {
  static const std::map<std::string, double> units{{"s", 1.0 / 3600}, {"m", 1.0 / 60}, {"h", 1},
                                                   {"", 1},           {"d", 24},       {"y", 24 * 365.25}};
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const auto unit = units.find(end);
  return text.empty() || end == text.c_str() || unit == units.end() ? std::nan("") : number * unit->second;
}

/// Keeps empty parts: "a,,b" has three.
std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == at) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

std::size_t place_of(const std::string& name, const std::vector<std::string>& nodes,
                     const std::string& where) {
  const auto at = std::find(nodes.begin(), nodes.end(), name);
  if (at != nodes.end()) return static_cast<std::size_t>(at - nodes.begin());
  const std::string nearest = nearest_name(name, nodes);
  throw UserError(where, "no node \"" + name + "\" that can fail",
                  nearest.empty() ? listing(nodes) : "did you mean " + nearest + "?");
}

}  // namespace

double parse_availability(const std::string& text, const std::string& where) {
  const auto slash = text.find('/');
  double value = std::nan("");
  if (slash == std::string::npos) {
    char* end = nullptr;
    value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') value = std::nan("");
  } else {
    const double failure = hours_of(text.substr(0, slash)), repair = hours_of(text.substr(slash + 1));
    const bool good = std::isfinite(failure) && std::isfinite(repair) && failure >= 0 && repair >= 0 &&
                      failure + repair > 0;
    if (good) value = availability(failure, repair);
  }
  if (!(value >= 0 && value <= 1)) throw UserError(where, "\"" + text + "\"", availability_form);
  return value;
}

Reliability parse_reliability(const std::string& text, const std::vector<std::string>& nodes,
                              const std::string& where) {
  Reliability reliability(nodes.size(), std::nan(""));
  double others = std::nan("");
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto colon = word.find(':');
    if (colon == std::string::npos)
      throw UserError(where, "\"" + word + "\"", "NODE:R, R " + std::string(availability_form));
    const std::string name = word.substr(0, colon);
    double& place = name == "*" ? others : reliability[place_of(name, nodes, where)];
    if (!std::isnan(place)) throw UserError(where, "\"" + name + "\" stands twice", "once");
    place = parse_availability(word.substr(colon + 1), where);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (std::isnan(reliability[i])) reliability[i] = others;
    if (std::isnan(reliability[i]))
      throw UserError(where, "says nothing of " + nodes[i], nodes[i] + ":R, or *:R");
  }
  return reliability;
}

FailureGroup parse_failure_group(const std::string& text, const std::vector<std::string>& nodes,
                                 const std::string& where) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  const auto colon = words.empty() ? std::string::npos : words.back().find(':');
  if (words.size() > 2 || colon == std::string::npos || colon == 0)
    throw UserError(where, "\"" + text + "\"", "NAME NODE,NODE:R, R " + std::string(availability_form));
  FailureGroup group;
  group.name = words.size() == 2 ? words[0] : words[0].substr(0, colon);
  for (const std::string& name : split(words.back().substr(0, colon), ','))
    group.members |= Combination{1} << place_of(name, nodes, where);
  group.availability = parse_availability(words.back().substr(colon + 1), where);
  return group;
}

std::string failed_names(Combination combination, const std::vector<std::string>& nodes) {
  std::string text;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!alive(combination, static_cast<int>(i))) text += (text.empty() ? "" : " + ") + nodes[i];
  }
  return text.empty() ? "none" : text;
}

}  // namespace deepfog
