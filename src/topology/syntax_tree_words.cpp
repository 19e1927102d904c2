#include "topology/syntax_tree_words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

constexpr std::size_t kLongestName = 64;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < line.size() && line[i] != '#'; ++i) {
    const char c = line[i];
    if (c == ' ' || c == '\t' || c == '\r') {
      end_word();
    } else if (c == '-' && i + 1 < line.size() && line[i + 1] == '>') {
      end_word();
      words.push_back("->");
      ++i;
    } else {
      word += c;
    }
  }
  end_word();
  return words;
}

}  // namespace

std::string at_line(const std::string& where, int line) {
  return where + ":" + std::to_string(line);
}

std::vector<Statement> split_statements(const std::string& text, const std::string& where) {
  std::vector<Statement> statements;
  std::string_view rest = text;
  if (rest.substr(0, 3) == "\xef\xbb\xbf") rest.remove_prefix(3);  // the byte order mark of some editors
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view content = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), content.size() + 1));
    if (content.find('\0') != std::string_view::npos) {
      throw UserError(at_line(where, line), "a zero byte", "a topology file is plain text");
    }
    auto words = split_words(content);
    if (!words.empty()) statements.push_back({at_line(where, line), line, std::move(words)});
  }
  return statements;
}

std::string quoted(std::string_view word) {
  std::string result = "\"";
  for (const char c : word.substr(0, kLongestName)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (word.size() > kLongestName ? "...\"" : "\"");
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(word, candidates);
  return near.empty() ? "" : ", did you mean " + quoted(near) + "?";
}

std::string read_name(const Statement& statement, const std::string& word) {
  bool good = is_letter_or_digit(word[0]) && word.size() <= kLongestName;
  for (const char c : word) good = good && (is_letter_or_digit(c) || c == '_' || c == '-');
  if (!good) {
    throw UserError(statement.where, quoted(word) + " is no name",
                    "up to 64 letters, digits, _ and -, a letter or digit first");
  }
  return word;
}

std::int64_t read_count(const Statement& statement, std::string_view word, std::int64_t most,
                        const std::string& what) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size() || number < 1 || number > most) {
    throw UserError(statement.where, what + " " + quoted(word),
                    "a whole number, 1 to " + std::to_string(most));
  }
  return number;
}

double read_weight(const Statement& statement, std::string_view word) {
  double weight = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), weight);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  if (!whole || !std::isnormal(static_cast<float>(weight))) {
    throw UserError(statement.where, "weight " + quoted(word),
                    "a finite number other than 0, such as weight=0.5");
  }
  return weight;
}

}  // namespace deepfog
