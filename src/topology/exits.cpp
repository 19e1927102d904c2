#include "topology/exits.hpp"

#include <map>
#include <set>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

class ExitBuilder {
 public:
  ExitBuilder(SyntaxTree& syntax_tree, const std::string& where) : syntax_tree_(syntax_tree), where_(where) {}

  void build() {
    for (auto& stage : syntax_tree_.stages) stages_[stage.name] = &stage;
    mark();
    if (exits_.empty()) return;
    find_levels();
    add_gates();
    add_answers();
  }

 private:
  [[noreturn]] void refuse(int line, const std::string& what, const std::string& allowed) const {
    throw UserError(at_line(where_, line), what, allowed);
  }

  void mark() {
    for (const auto& line : syntax_tree_.exits) {
      const auto found = stages_.find(line.stage);
      if (found == stages_.end()) {
        std::vector<std::string> names;
        for (const auto& [name, stage] : stages_) names.push_back(name);
        refuse(line.line, "no stage " + quoted(line.stage) + suggestion(line.stage, names), listing(names));
      }
      if (found->second->exit) refuse(line.line, quoted(line.stage) + " given twice", "one exit or summary");
      found->second->exit = line.exit;
      if (line.exit.leaves) exits_.push_back(line);
    }
    if (exits_.empty() && !syntax_tree_.exits.empty()) {
      refuse(syntax_tree_.exits[0].line, "a summary, but no exit", "exit STAGE for the last stage at least");
    }
    for (const auto& link : syntax_tree_.links) {
      const auto from = stages_.find(link.from);
      if (from == stages_.end() || !from->second->exit || !from->second->exit->leaves) continue;
      refuse(link.line, "link " + link.from + " -> " + link.to + " begins at an exit",
             "an exit is the end of a way; link the stage before it");
    }
  }

  /// The level of a stage is the number of exits that rows have passed when they reach it. A stage belongs to
  /// the first exit that it leads to.
  void find_levels() {
    std::multimap<std::string, std::string> before;
    for (const auto& link : syntax_tree_.links) before.emplace(link.to, link.from);
    for (std::size_t e = 0; e < exits_.size(); ++e) {
      std::vector<std::string> open{exits_[e].stage};
      while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        if (stages_.count(name) == 0 || !levels_.emplace(name, e).second) continue;
        const auto [begin, end] = before.equal_range(name);
        for (auto one = begin; one != end; ++one) open.push_back(one->second);
      }
    }
    for (const auto& stage : syntax_tree_.stages) {
      if (levels_.count(stage.name) != 0) continue;
      refuse(stage.line, "stage " + quoted(stage.name) + " leads to no exit",
             "link it on, or exit " + stage.name);
    }
  }

  void add_gates() {
    const std::vector<SyntaxTree::LinkLine> links = std::move(syntax_tree_.links);
    syntax_tree_.links.clear();
    for (const auto& link : links) {
      SyntaxTree::LinkLine kept = link;
      const auto to = levels_.find(link.to);
      const auto from = levels_.find(link.from);
      const std::size_t level = from == levels_.end() ? 0 : from->second;  // sources have all rows
      if (to != levels_.end() && to->second > level) kept.from = gate(link, level, to->second);
      syntax_tree_.links.push_back(kept);
    }
  }

  /// Returns the name of the gate for the rows of a link, and creates the gate if it does not exist.
  std::string gate(const SyntaxTree::LinkLine& link, std::size_t level, std::size_t to_level) {
    const auto sender = stages_.find(link.from);
    const std::string& node = sender != stages_.end() ? sender->second->node : stages_.at(link.to)->node;
    const std::string suffix = sender == stages_.end() ? "@" + node : "";  // one gate per reader of a source
    const std::string name = link.from + suffix + "@" + exits_[to_level - 1].stage;
    if (!gates_.insert(name).second) return name;
    added_.push_back({name, node, {}, link.line, Aggregation::gate});
    syntax_tree_.links.push_back({link.from, name, false, 1.0, Expansion::pad, link.line});
    for (std::size_t e = level; e < to_level; ++e) {
      syntax_tree_.links.push_back({exits_[e].stage, name, false, 1.0, Expansion::pad, link.line, true});
    }
    return name;
  }

  void add_answers() {
    const SyntaxTree::ExitLine& last = exits_.back();
    const std::string node = stages_.at(last.stage)->node, name = "answers@" + node;
    stages_.clear();  // its pointers into the list become invalid as it grows
    syntax_tree_.stages.insert(syntax_tree_.stages.end(), added_.begin(), added_.end());
    syntax_tree_.stages.push_back({name, node, {}, last.line, Aggregation::answers});
    for (const auto& exit : exits_) {
      syntax_tree_.links.push_back({exit.stage, name, false, 1.0, Expansion::pad, exit.line});
    }
  }

  SyntaxTree& syntax_tree_;
  std::string where_;
  std::map<std::string, SyntaxTree::StageLine*> stages_;
  std::vector<SyntaxTree::ExitLine> exits_;
  std::map<std::string, std::size_t> levels_;
  std::set<std::string> gates_;
  std::vector<SyntaxTree::StageLine> added_;
};

}  // namespace

void add_exits(SyntaxTree& syntax_tree, const std::string& where) {
  ExitBuilder(syntax_tree, where).build();
}

}  // namespace deepfog
