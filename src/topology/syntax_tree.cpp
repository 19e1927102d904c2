#include "topology/syntax_tree.hpp"

#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostSourceWidth = 1000000;
constexpr std::size_t kMostFailing = 64;
const std::vector<std::string> kStatements = {"topology", "let",  "source",  "node", "stage",
                                              "link",     "exit", "summary", "fails"};

class SyntaxTreeReader {
 public:
  explicit SyntaxTreeReader(const std::string& where) : where_(where) {}

  SyntaxTree read(const std::string& text) {
    LetWords lets;
    for (auto& statement : split_statements(text, where_)) {
      if (statement.words[0] == "let") {
        lets.add(statement);
      } else {
        lets.replace_in(statement);
        read(statement);
      }
    }
    if (syntax_tree_.topology.line == 0) throw UserError(where_, "no topology statement", "topology NAME");
    return std::move(syntax_tree_);
  }

 private:
  void read(const Statement& statement) {
    const std::string& word = statement.words[0];
    if (word == "topology") {
      read_topology(statement);
    } else if (word == "source") {
      read_source(statement);
    } else if (word == "node") {
      read_node(statement);
    } else if (word == "stage") {
      read_stage(statement);
    } else if (word == "link") {
      read_link(statement);
    } else if (word == "exit" || word == "summary") {
      syntax_tree_.exits.push_back(read_exit(statement));
    } else if (word == "fails") {
      read_fails(statement);
    } else {
      throw UserError(statement.where, "unknown statement " + quoted(word) + suggestion(word, kStatements),
                      listing(kStatements));
    }
  }

  /// @param form  syntax of the statement, for messages
  static void need(bool good, const Statement& statement, const std::string& form) {
    if (!good) throw UserError(statement.where, "malformed " + statement.words[0] + " statement", form);
  }

  void read_topology(const Statement& statement) {
    need(statement.words.size() == 2, statement, "topology NAME");
    if (syntax_tree_.topology.line != 0) {
      throw UserError(statement.where, "a second topology statement",
                      "one a file; the first is on line " + std::to_string(syntax_tree_.topology.line));
    }
    syntax_tree_.topology = {read_name(statement, statement.words[1]), statement.line};
  }

  void read_source(const Statement& statement) {
    const bool last = statement.words.size() == 4 && statement.words[3] == "channels-last";
    need(statement.words.size() == 3 || last, statement,
         "source NAME WIDTH, or NAME CHANNELSxHEIGHTxWIDTH [channels-last]");
    Source source{claim(statement, statement.words[1]), 0};
    source.shape = read_shape(statement, statement.words[2], kMostSourceWidth);
    source.channels_last = last && !source.shape.empty();
    if (source.shape.empty()) {
      source.width = read_count(statement, statement.words[2], kMostSourceWidth, "source width");
    } else {
      source.width = source.shape[0] * source.shape[1] * source.shape[2];
    }
    syntax_tree_.sources.push_back({source, statement.line});
  }

  void read_node(const Statement& statement) {
    need(statement.words.size() >= 2, statement, "node NAME [AGGREGATION] [LAYER ...]");
    const std::string name = claim(statement, statement.words[1]);
    syntax_tree_.nodes.push_back({name, statement.line});
    if (statement.words.size() == 2) return;
    claim_own_stage(statement, name);
    add_stage(statement, name, name, 2);
  }

  void read_stage(const Statement& statement) {
    need(statement.words.size() >= 4 && statement.words[2] == "on", statement,
         "stage NAME on NODE [AGGREGATION] [LAYER ...]");
    const std::string node = read_name(statement, statement.words[3]);
    const std::string name = read_name(statement, statement.words[1]);
    if (name == node) {
      claim_own_stage(statement, name);
    } else {
      claim(statement, name);
    }
    add_stage(statement, name, node, 4);
  }

  /// @param first  index of the aggregation, or of the first layer
  void add_stage(const Statement& statement, const std::string& name, const std::string& node,
                 std::size_t first) {
    const auto aggregation = read_aggregation(statement, first);
    syntax_tree_.stages.push_back({name, node, read_layers(statement, first + (aggregation ? 1 : 0)),
                                   statement.line, aggregation.value_or(Aggregation::add)});
  }

  void read_link(const Statement& statement) {
    need(statement.words.size() >= 4 && statement.words[2] == "->", statement,
         "link FROM -> TO [skip] [weight=NUMBER] [expand=pad|linear|pool]");
    SyntaxTree::LinkLine link;
    link.from = read_name(statement, statement.words[1]);
    link.to = read_name(statement, statement.words[3]);
    link.line = statement.line;
    std::vector<std::string> seen;
    for (std::size_t i = 4; i < statement.words.size(); ++i)
      read_option(statement, statement.words[i], link, seen);
    syntax_tree_.links.push_back(link);
  }

  static void read_option(const Statement& statement, const std::string& word, SyntaxTree::LinkLine& link,
                          std::vector<std::string>& seen) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    for (const auto& earlier : seen) {
      if (key == earlier) throw UserError(statement.where, "link option " + key + " given twice", "once");
    }
    if (word == "skip") {
      link.skip = true;
    } else if (key == "weight" && equals != std::string::npos) {
      link.weight = read_weight(statement, value);
    } else if (key == "expand" && equals != std::string::npos) {
      link.expansion = read_expansion(statement, value);
    } else {
      throw UserError(statement.where,
                      "unknown link option " + quoted(word) + suggestion(key, {"skip", "weight", "expand"}),
                      "skip, weight=NUMBER, expand=pad, expand=linear, expand=pool");
    }
    seen.push_back(key);
  }

  void read_fails(const Statement& statement) {
    need(statement.words.size() >= 2, statement, "fails NODE ..., or no such line when nothing fails");
    if (!syntax_tree_.fails.empty()) {
      throw UserError(statement.where, "a second fails statement",
                      "one a file; the first is on line " + std::to_string(syntax_tree_.fails[0].line));
    }
    if (statement.words.size() > kMostFailing + 1) {
      throw UserError(statement.where, std::to_string(statement.words.size() - 1) + " nodes that can fail",
                      "at most " + std::to_string(kMostFailing));
    }
    for (std::size_t i = 1; i < statement.words.size(); ++i) {
      syntax_tree_.fails.push_back({statement.words[i], statement.line});
    }
  }

  /// Registers the name of a source, node or stage. Only a stage may share its name, with the node that hosts
  /// it.
  std::string claim(const Statement& statement, const std::string& word) {
    const std::string name = read_name(statement, word);
    const auto [entry, is_new] = lines_.emplace(name, statement.line);
    if (!is_new) refuse_name(statement, name, entry->second);
    return name;
  }

  void claim_own_stage(const Statement& statement, const std::string& name) {
    const auto [entry, is_new] = own_stages_.emplace(name, statement.line);
    if (!is_new) refuse_name(statement, name, entry->second);
  }

  static void refuse_name(const Statement& statement, const std::string& name, int line) {
    throw UserError(statement.where, "name " + quoted(name) + " is taken",
                    "names are unique; the first is on line " + std::to_string(line));
  }

  std::string where_;
  SyntaxTree syntax_tree_;
  std::unordered_map<std::string, int> lines_, own_stages_;
};

}  // namespace

SyntaxTree read_syntax_tree(const std::string& text, const std::string& where) {
  return SyntaxTreeReader(where).read(text);
}

}  // namespace deepfog
