#pragma once

#include <cstdint>
#include <string>

/// Parse and print the values in failure scripts; used by failure scripts only. The readers throw UserError
/// "where: what (allowed)".
namespace deepfog {

/// Rounds from `first` to `last`, both included; `last` of "N.." is open_end.
struct RoundRange {
  static constexpr std::int64_t open_end = INT64_MAX;
  std::int64_t first = 0, last = 0;
};
RoundRange read_rounds(const std::string& word, const std::string& where);
std::int64_t read_round(const std::string& word, const std::string& where);  ///< a single round

/// A time of at least one microsecond, with its unit.
std::int64_t read_length_us(const std::string& word, const std::string& where);
double read_probability(const std::string& word, const std::string& where);  ///< in [0, 1]
std::uint64_t read_seed(const std::string& word, const std::string& where);

std::string format_rounds(std::int64_t first, std::int64_t last);
std::string format_time(std::int64_t length_us);  ///< in the largest unit that divides it: "200ms"
std::string format_probability(double probability);

}  // namespace deepfog
