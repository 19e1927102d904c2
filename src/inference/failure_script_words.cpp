#include "inference/failure_script_words.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

#include "core/error.hpp"
#include "inference/failure_script.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostRound = 1000000000000;
constexpr std::int64_t kDay_us = 86400LL * 1000000;
const std::string kTimes = "a number with us, ms or s, such as 200us, 5ms or 1.5s";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// Reads the whole word as a number of this type.
template <class Number>
bool read_whole(std::string_view word, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_round_number(std::string_view word, std::int64_t& round) {
  return read_whole(word, round) && word[0] != '-' && round <= kMostRound;
}

struct Unit {
  std::int64_t scale_us = 0;  ///< 0: no unit of time
  std::size_t decimals = 0;   ///< digits after the point that still mean whole microseconds
};
Unit unit_of(std::string_view word) {
  if (word.empty() || word == "us") return {1, 0};
  if (word == "ms") return {1000, 3};
  if (word == "s") return {1000000, 6};
  return {};
}

}  // namespace

std::int64_t parse_time_us(const std::string& text, const std::string& where) {
  const std::string_view word = text;
  const std::size_t point = digits_from(word, 0);
  const bool has_point = point < word.size() && word[point] == '.';
  const std::size_t fraction = has_point ? point + 1 : point;
  const std::size_t end = has_point ? digits_from(word, fraction) : point;
  const Unit unit = unit_of(word.substr(end));
  if (unit.scale_us == 0 || point + (end - fraction) == 0)
    throw UserError(where, "time " + quoted(word), kTimes);
  // Computed digit by digit: with a double, 0.3ms would not always equal 300us.
  std::int64_t time_us = 0;
  for (std::size_t i = 0; i < point; ++i) time_us = std::min(10 * time_us + (word[i] - '0'), kDay_us + 1);
  time_us *= unit.scale_us;
  std::int64_t place_us = unit.scale_us / 10;
  for (std::size_t i = fraction; i < end; ++i, place_us /= 10) {
    if (i - fraction >= unit.decimals && word[i] != '0') {
      throw UserError(where, "time " + quoted(word) + " is no whole number of microseconds", kTimes);
    }
    time_us += (word[i] - '0') * place_us;
  }
  if (time_us > kDay_us) throw UserError(where, "time " + quoted(word) + " is too long", "at most 86400s");
  return time_us;
}

RoundRange read_rounds(const std::string& word, const std::string& where) {
  RoundRange range;
  const std::size_t dots = word.find("..");
  const std::string_view first = std::string_view(word).substr(0, dots);
  const std::string_view last = dots == std::string::npos ? first : std::string_view(word).substr(dots + 2);
  bool good = read_round_number(first, range.first);
  if (last.empty()) {
    range.last = RoundRange::open_end;
  } else {
    good = good && read_round_number(last, range.last);
  }
  if (!good)
    throw UserError(where, "rounds " + quoted(word),
                    "N, N..M or N.., counted from 0, at most " + std::to_string(kMostRound));
  if (range.last < range.first)
    throw UserError(where, "rounds " + quoted(word) + " end before they begin", "N..M with M not below N");
  return range;
}

std::int64_t read_round(const std::string& word, const std::string& where) {
  std::int64_t round = 0;
  if (read_round_number(word, round)) return round;
  throw UserError(where, "round " + quoted(word),
                  "one whole number, counted from 0, at most " + std::to_string(kMostRound));
}

std::int64_t read_length_us(const std::string& word, const std::string& where) {
  const std::int64_t length_us = parse_time_us(word, where);
  if (is_digit(word.back()) || word.back() == '.') {
    throw UserError(where, "time " + quoted(word) + " without a unit", kTimes);
  }
  if (length_us == 0) throw UserError(where, "time " + quoted(word), "at least 1us");
  return length_us;
}

double read_probability(const std::string& word, const std::string& where) {
  double probability = 0;
  if (read_whole(word, probability) && probability >= 0 && probability <= 1) {
    return probability + 0.0;  // turns -0 into 0
  }
  throw UserError(where, "probability " + quoted(word), "a number, 0 to 1");
}

std::uint64_t read_seed(const std::string& word, const std::string& where) {
  std::uint64_t seed = 0;
  if (read_whole(word, seed)) return seed;
  throw UserError(where, "seed " + quoted(word), "a whole number, 0 to 18446744073709551615");
}

std::string format_rounds(std::int64_t first, std::int64_t last) {
  if (first == last) return std::to_string(first);
  return std::to_string(first) + ".." + (last == RoundRange::open_end ? "" : std::to_string(last));
}

std::string format_time(std::int64_t length_us) {
  if (length_us % 1000000 == 0) return std::to_string(length_us / 1000000) + "s";
  if (length_us % 1000 == 0) return std::to_string(length_us / 1000) + "ms";
  return std::to_string(length_us) + "us";
}

std::string format_probability(double probability) {
  char text[32];  // the shortest form that reads back unchanged has at most 24 characters
  const auto [end, error] = std::to_chars(text, text + sizeof text, probability);
  if (error != std::errc{}) throw Failure("failure script: a probability cannot be written");
  return {text, end};
}

}  // namespace deepfog
