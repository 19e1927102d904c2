#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

std::size_t begin_of(const std::string& text, int line) {
  std::size_t begin = 0;
  for (int above = 1; above < line; ++above) begin = text.find('\n', begin) + 1;
  return begin;
}

/// The end of the line that begins at `begin`, without its line feed.
std::size_t end_of(const std::string& text, std::size_t begin) {
  return std::min(text.size(), text.find('\n', begin));
}

/// "a->b" for a statement that adds a skip hyperconnection; empty for any other.
std::string skip_of(const Statement& statement) {
  const auto& words = statement.words;
  const bool link = words.size() > 4 && words[0] == "link" && words[2] == "->";
  const bool skips = link && std::find(words.begin() + 4, words.end(), "skip") != words.end();
  return skips ? words[1] + "->" + words[3] : "";
}

/// The shortest decimal that reads back as this number.
std::string shortest(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return std::string(digits.data(), end);
}

/// The reliability of the sender of a link.
class Reliabilities {
 public:
  Reliabilities(const SyntaxTree& syntax_tree, const std::vector<std::pair<std::string, double>>& of_nodes) {
    const std::map<std::string, double> known(of_nodes.begin(), of_nodes.end());
    for (const auto& stage : syntax_tree.stages) {
      const auto found = known.find(stage.node);
      if (found != known.end()) of_stages_[stage.name] = found->second;
    }
  }
  double of(const std::string& sender) const {
    const auto found = of_stages_.find(sender);
    return found == of_stages_.end() ? 1.0 : found->second;
  }

 private:
  std::map<std::string, double> of_stages_;
};

}  // namespace

std::string with_values(const std::string& text, const std::vector<std::pair<std::string, std::string>>& lets,
                        const std::string& where) {
  std::string changed = text;
  for (const auto& [name, value] : lets) {
    bool found = false;
    for (const Statement& statement : split_statements(changed, where)) {
      if (statement.words[0] != "let" || statement.words.size() < 2 || statement.words[1] != name) continue;
      const std::size_t begin = begin_of(changed, statement.line);
      changed.replace(begin, end_of(changed, begin) - begin, "let " + name + " " + value);
      found = true;
      break;
    }
    if (!found) throw UserError(where, "has no let " + quoted(name), "a name that the topology lets");
  }
  return changed;
}

std::string without_skips(const std::string& text, const std::vector<std::string>& links,
                          const std::string& where) {
  std::string changed = text;
  for (const std::string& link : links) {
    std::vector<std::string> there;
    bool found = false;
    for (const Statement& statement : split_statements(changed, where)) {
      const std::string name = skip_of(statement);
      if (name.empty()) continue;
      there.push_back(name);
      if (name != link) continue;
      const std::size_t begin = begin_of(changed, statement.line);
      changed.erase(begin, std::min(changed.size(), end_of(changed, begin) + 1) - begin);
      found = true;
      break;
    }
    if (!found) {
      throw UserError(where, "no skip hyperconnection " + quoted(link),
                      there.empty() ? "the topology has none (left)" : listing(there));
    }
  }
  return changed;
}

std::string with_reliability_weights(const std::string& text,
                                     const std::vector<std::pair<std::string, double>>& reliability,
                                     const std::string& where) {
  const SyntaxTree syntax_tree = read_syntax_tree(text, where);
  const Reliabilities reliabilities(syntax_tree, reliability);
  std::map<std::string, std::pair<double, double>> inputs;  // per stage: their number, sum of reliabilities
  for (const auto& link : syntax_tree.links) {
    auto& [count, sum] = inputs[link.to];
    count += 1;
    sum += reliabilities.of(link.from);
  }
  std::string changed = text;
  for (const auto& link : syntax_tree.links) {
    const auto& [count, sum] = inputs.at(link.to);
    if (count < 2) continue;
    const std::string name = link.from + "->" + link.to;
    const double own = reliabilities.of(link.from);
    const std::size_t begin = begin_of(changed, link.line), end = end_of(changed, begin);
    const std::string line = changed.substr(begin, std::min(end, changed.find('#', begin)) - begin);
    if (link.weight != 1.0 || line.find("weight=") != std::string::npos) {
      throw UserError(where, "link " + name + " has a weight already", "links without one");
    }
    if (!(own > 0)) {
      throw UserError(where, "link " + name + " begins at a node of reliability 0", "above 0");
    }
    const std::size_t last = line.find_last_not_of(" \t\r");
    changed.insert(begin + last + 1, " weight=" + shortest(count * own / sum));
  }
  return changed;
}

}  // namespace deepfog
