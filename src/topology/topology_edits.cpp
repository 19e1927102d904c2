#include <algorithm>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/draft_words.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

std::size_t begin_of(const std::string& text, int line) {
  std::size_t begin = 0;
  for (int above = 1; above < line; ++above) begin = text.find('\n', begin) + 1;
  return begin;
}

/// Of the line that begins there, without its line feed.
std::size_t end_of(const std::string& text, std::size_t begin) {
  return std::min(text.size(), text.find('\n', begin));
}

/// "a->b" of a statement that makes a skip hyperconnection; empty of any other.
std::string skip_of(const Statement& statement) {
  const auto& words = statement.words;
  const bool link = words.size() > 4 && words[0] == "link" && words[2] == "->";
  const bool skips = link && std::find(words.begin() + 4, words.end(), "skip") != words.end();
  return skips ? words[1] + "->" + words[3] : "";
}

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

}  // namespace deepfog
