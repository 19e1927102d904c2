#include "topology/draft_words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostWidth = 1000000;
constexpr std::int64_t kMostCutWidth = 100000000;  // activations of a large image, not a row of weights
constexpr std::int64_t kMostRepeats = 1000;
constexpr std::size_t kMostLayers = 1000;
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

LayerKind read_kind(const Statement& statement, std::string_view word, std::string_view kind) {
  static const std::vector<std::string> names{"relu",          "linear", "conv", "binary-conv", "norm-linear",
                                              "binary-linear", "gather", "part", "product",     "decode"};
  static const std::vector<LayerKind> kinds{
      LayerKind::relu,        LayerKind::linear,        LayerKind::conv,   LayerKind::binary_conv,
      LayerKind::norm_linear, LayerKind::binary_linear, LayerKind::gather, LayerKind::part,
      LayerKind::product,     LayerKind::decode};
  const auto found = std::find(names.begin(), names.end(), kind);
  if (found != names.end()) return kinds[static_cast<std::size_t>(found - names.begin())];
  throw UserError(statement.where, "unknown layer " + quoted(word) + suggestion(kind, names),
                  "relu:WIDTH, linear:WIDTH, conv:FILTERS, binary-conv:FILTERS, norm-linear:WIDTH, "
                  "binary-linear:WIDTH, each with *REPEATS; gather:WIDTH, part:WIDTH, product:WIDTH, "
                  "decode:WIDTH in a cut network");
}

}  // namespace

std::string at_line(const std::string& where, int line) {
  return where + ":" + std::to_string(line);
}

std::vector<Statement> split_statements(const std::string& text, const std::string& where) {
  std::vector<Statement> statements;
  std::string_view rest = text;
  if (rest.substr(0, 3) == "\xef\xbb\xbf") rest.remove_prefix(3);  // some editors begin UTF-8 with a mark
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

std::vector<Layer> read_layers(const Statement& statement, std::size_t first) {
  std::vector<Layer> layers;
  for (std::size_t i = first; i < statement.words.size(); ++i) {
    const std::string_view word = statement.words[i];
    const std::size_t colon = word.find(':');
    Layer layer{read_kind(statement, word, word.substr(0, colon)), 0};
    const std::string_view size = colon == std::string_view::npos ? "" : word.substr(colon + 1);
    const bool cut = is_cut(layer.kind);
    const std::size_t star = cut ? std::string_view::npos : size.find('*');
    layer.width =
        read_count(statement, size.substr(0, star), cut ? kMostCutWidth : kMostWidth, "layer width");
    if (cut && statement.words.size() > first + 1) {
      throw UserError(statement.where, "layer " + quoted(word) + " beside others",
                      "the only one of its stage");
    }
    std::int64_t repeats = 1;
    if (star != std::string_view::npos) {
      repeats = read_count(statement, size.substr(star + 1), kMostRepeats, "layer repeats");
    }
    layers.insert(layers.end(), static_cast<std::size_t>(repeats), layer);
    if (layers.size() > kMostLayers) {
      throw UserError(statement.where, "too many layers in one stage",
                      "at most " + std::to_string(kMostLayers));
    }
  }
  return layers;
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
