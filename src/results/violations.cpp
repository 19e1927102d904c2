#include "results/violations.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/spelling.hpp"
#include "results/results_file.hpp"

namespace deepfog::verification {
namespace {

constexpr int most_a_place = 3;  // violations shown of one table

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

}  // namespace

void Violations::add(const std::string& where, const std::string& what) {
  if (++count_[where] <= most_a_place) lines_.push_back(one_line(where + ": " + what));
}

bool Violations::expect(bool good, const std::string& where, const std::string& what) {
  if (!good) add(where, what);
  return good;
}

void Violations::expect_word(const std::string& where, const std::string& word,
                             const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
    add(where, "'" + word + "' (" + listing(allowed) + ")");
  }
}

void Violations::expect_attributes(const std::string& object, const std::string& schema_prefix,
                                   const std::string& type, const std::set<std::string>& present) {
  for (const std::string& line : results_schema()) {
    if (!begins_with(line, schema_prefix)) continue;
    const std::string rest = line.substr(schema_prefix.size());
    const std::string name = rest.substr(0, rest.find('|'));
    const bool here =
        rest == name + "|attribute|" + type + "|0|required" && name.find('/') == std::string::npos;
    if (here && present.count(name) == 0) add(object + "@" + name, "missing");
  }
}

std::vector<std::string> Violations::lines() const {
  std::vector<std::string> all = lines_;
  for (const auto& [where, count] : count_) {
    if (count > most_a_place)
      all.push_back(one_line(where) + ": " + std::to_string(count - most_a_place) + " more of these");
  }
  return all;
}

bool nearly_equal(double a, double b) {
  // An infinite tolerance would admit everything.
  return std::isfinite(a) && std::isfinite(b) &&
         std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b));
}

bool in_unit(double value) {
  return value >= 0 && value <= 1;
}

std::string show(double value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.15g", value);
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace deepfog::verification
