#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace deepfog::verification {

/// What is wrong with a results file, in the order of violation; a table that is wrong all over takes few
/// lines. For verify() alone.
class Violations {
 public:
  void add(const std::string& where, const std::string& what);
  /// Adds unless `good`; returns `good`. Not for inner loops: the words are made in any case.
  bool expect(bool good, const std::string& where, const std::string& what);
  void expect_word(const std::string& where, const std::string& word,
                   const std::vector<std::string>& allowed);
  /// Every attribute "PREFIX name" of this type that results_schema() requires must be among `present`.
  void expect_attributes(const std::string& object, const std::string& schema_prefix, const std::string& type,
                         const std::set<std::string>& present);
  bool has(const std::string& where) const { return count_.count(where) != 0; }
  std::vector<std::string> lines() const;

 private:
  std::vector<std::string> lines_;
  std::map<std::string, int> count_;
};

/// Equal up to the rounding of another order of summation (1e-12 relative); false for NaN and infinity.
bool nearly_equal(double a, double b);
bool in_unit(double value);  ///< in [0, 1]; false for NaN
std::string show(double value);

template <class Map>
std::set<std::string> keys(const Map& map) {
  std::set<std::string> names;
  for (const auto& [name, value] : map) names.insert(name);
  return names;
}

}  // namespace deepfog::verification
