// Parts of topology files that were added for DDNN: shapes, aggregations, exits and let.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kLongestSide = 100000;
constexpr std::size_t kMostWords = 2000;
const std::vector<std::string> kAggregations = {"add", "max", "mean", "concat", "rescale"};

double read_figure(const Statement& statement, const std::string& what, const std::string& value,
                   double most) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !(number >= 0 && number <= most)) {
    throw UserError(statement.where, what + " " + quoted(value),
                    most == 1 ? "a number from 0 to 1" : "a number from 0 to 1000");
  }
  return number;
}

}  // namespace

Shape read_shape(const Statement& statement, const std::string& word, std::int64_t most) {
  if (word.find('x') == std::string::npos) return {};
  Shape shape;
  std::string_view rest = word;
  std::int64_t values = 1;
  for (int i = 0; i < 3; ++i) {
    const std::size_t end = i < 2 ? rest.find('x') : rest.size();
    if (end == std::string_view::npos) {
      throw UserError(statement.where, "source shape " + quoted(word),
                      "CHANNELSxHEIGHTxWIDTH, such as 3x32x32");
    }
    shape.push_back(read_count(statement, rest.substr(0, end), kLongestSide, "source shape"));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    values *= shape.back();
    if (values > most) {
      throw UserError(statement.where, "source shape " + quoted(word),
                      "at most " + std::to_string(most) + " values");
    }
  }
  return shape;
}

std::optional<Aggregation> read_aggregation(const Statement& statement, std::size_t first) {
  static const std::vector<Aggregation> kinds{Aggregation::add, Aggregation::max, Aggregation::mean,
                                              Aggregation::concat, Aggregation::rescale};
  if (first >= statement.words.size() || statement.words[first].find(':') != std::string::npos) return {};
  const std::string& word = statement.words[first];
  if (is_layer_without_size(word)) return {};
  const auto found = std::find(kAggregations.begin(), kAggregations.end(), word);
  if (found == kAggregations.end()) {
    if (nearest_name(word, kAggregations).empty()) return {};  // read_layers() reports the unknown layer
    throw UserError(statement.where, "unknown aggregation " + quoted(word) + suggestion(word, kAggregations),
                    listing(kAggregations) + ", or layers at once (KIND:WIDTH)");
  }
  return kinds[static_cast<std::size_t>(found - kAggregations.begin())];
}

SyntaxTree::ExitLine read_exit(const Statement& statement) {
  const bool leaves = statement.words[0] == "exit";
  const std::string form =
      leaves ? "exit STAGE [threshold=NUMBER] [loss=NUMBER]" : "summary STAGE [loss=NUMBER]";
  if (statement.words.size() < 2) {
    throw UserError(statement.where, "malformed " + statement.words[0] + " statement", form);
  }
  SyntaxTree::ExitLine line{read_name(statement, statement.words[1]), {}, statement.line};
  line.exit.leaves = leaves;
  std::vector<std::string> seen;
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    const std::string& word = statement.words[i];
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals),
                      value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      throw UserError(statement.where, statement.words[0] + " option " + key + " given twice", "once");
    }
    seen.push_back(key);
    if (key == "threshold" && leaves) {
      line.exit.threshold = read_figure(statement, key, value, 1);
    } else if (key == "loss") {
      line.exit.loss_weight = read_figure(statement, key, value, 1000);
    } else {
      throw UserError(statement.where,
                      "unknown " + statement.words[0] + " option " + quoted(word) +
                          suggestion(key, {"threshold", "loss"}),
                      form);
    }
  }
  return line;
}

void LetWords::add(const Statement& statement) {
  if (statement.words.size() < 3) {
    throw UserError(statement.where, "malformed let statement", "let NAME WORD ...");
  }
  const std::string name = read_name(statement, statement.words[1]);
  if (!words_.emplace(name, std::vector<std::string>(statement.words.begin() + 2, statement.words.end()))
           .second) {
    throw UserError(statement.where, "let " + quoted(name) + " given twice", "once");
  }
}

const std::vector<std::string>& LetWords::words_of(const Statement& statement,
                                                   const std::string& name) const {
  const auto found = words_.find(name);
  if (found != words_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, words] : words_) names.push_back(known);
  throw UserError(statement.where, "no let " + quoted(name) + " above" + suggestion(name, names),
                  names.empty() ? "let NAME WORD ..." : "names: " + listing(names));
}

void LetWords::replace_in(Statement& statement) const {
  std::vector<std::string> words;
  for (std::string word : statement.words) {
    const bool alone = word[0] == '$' && word.find_first_of(":*") == std::string::npos;
    if (alone) {
      const auto& with = words_of(statement, word.substr(1));
      words.insert(words.end(), with.begin(), with.end());
    } else {
      for (std::size_t dollar = word.find('$'); dollar != std::string::npos; dollar = word.find('$')) {
        const std::size_t end = std::min(word.size(), word.find_first_of(":*", dollar));
        const auto& with = words_of(statement, word.substr(dollar + 1, end - dollar - 1));
        if (with.size() != 1 || with[0].find('$') != std::string::npos) {
          throw UserError(statement.where, quoted(word) + " does not stand for one word", "$NAME alone");
        }
        word.replace(dollar, end - dollar, with[0]);
      }
      words.push_back(word);
    }
    if (words.size() > kMostWords) {
      throw UserError(statement.where, "too many words", "at most " + std::to_string(kMostWords));
    }
  }
  statement.words = std::move(words);
}

}  // namespace deepfog
