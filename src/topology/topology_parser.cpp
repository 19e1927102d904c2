#include "topology/topology_parser.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/exits.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

bool gives_scores(LayerKind kind) {
  return kind == LayerKind::linear || kind == LayerKind::norm_linear || kind == LayerKind::binary_linear;
}

}  // namespace

void TopologyParser::refuse(int line, const std::string& what, const std::string& allowed) const {
  throw UserError(at_line(where_, line), what, allowed);
}

Topology TopologyParser::parse(const std::string& text) {
  syntax_tree_ = read_syntax_tree(text, where_);
  add_exits(syntax_tree_, where_);
  topology_.name_ = syntax_tree_.topology.name;
  topology_.text_ = text;
  if (syntax_tree_.sources.empty()) throw UserError(where_, "no source", "source NAME WIDTH");
  if (syntax_tree_.nodes.empty()) throw UserError(where_, "no node", "node NAME [AGGREGATION] [LAYER ...]");
  for (const auto& line : syntax_tree_.sources) topology_.sources_.push_back(line.source);
  place_nodes();
  place_fails();
  if (syntax_tree_.links.empty()) throw UserError(where_, "no link", "link FROM -> TO");
  resolve_links();
  place_stages();
  check_ends();
  place_links();
  set_widths();
  list_exits();
  check_last_stage();
  check_cut();
  return std::move(topology_);
}

void TopologyParser::place_nodes() {
  std::vector<std::string> names;
  for (const auto& node : syntax_tree_.nodes) {
    nodes_[node.name] = static_cast<int>(topology_.nodes_.size());
    topology_.nodes_.push_back({node.name, -1});
    names.push_back(node.name);
  }
  std::set<std::string> hosts;
  for (const auto& stage : syntax_tree_.stages) {
    if (nodes_.count(stage.node) == 0) {
      refuse(stage.line, "no node " + quoted(stage.node) + suggestion(stage.node, names),
             "nodes: " + listing(names));
    }
    hosts.insert(stage.node);
  }
  for (const auto& node : syntax_tree_.nodes) {
    if (hosts.count(node.name) == 0) {
      refuse(node.line, "node " + quoted(node.name) + " hosts no stage",
             "layers on its line, or stage NAME on " + node.name);
    }
  }
}

void TopologyParser::place_fails() {
  std::vector<std::string> names;
  for (const auto& node : syntax_tree_.nodes) names.push_back(node.name);
  for (const auto& [name, line] : syntax_tree_.fails) {
    const auto same = [&wanted = name](const auto& source) { return source.source.name == wanted; };
    if (std::any_of(syntax_tree_.sources.begin(), syntax_tree_.sources.end(), same)) {
      refuse(line, quoted(name) + " is a source", "sources never fail; nodes: " + listing(names));
    }
    const auto node = nodes_.find(name);
    if (node == nodes_.end()) {
      refuse(line, "no node " + quoted(name) + suggestion(name, names), "nodes: " + listing(names));
    }
    int& position = topology_.nodes_[at(node->second)].position;
    if (position >= 0) refuse(line, "node " + quoted(name) + " given twice", "once");
    position = topology_.failing();
    topology_.failing_names_.push_back(name);
  }
}

void TopologyParser::check_last_stage() const {
  const Stage& last = topology_.stages_.back();
  if (topology_.is_cut()) {
    const LayerKind kind = last.layers.back().kind;
    if (kind == LayerKind::gather || kind == LayerKind::decode) return;
    refuse(line_of_stage_.back(), "last stage " + quoted(last.name) + " does not gather",
           "gather:CLASSES or decode:CLASSES");
  }
  if (topology_.has_exits()) return;  // list_exits() has checked it
  if (last.layers.empty() || !gives_scores(last.layers.back().kind)) {
    refuse(line_of_stage_.back(), "last stage " + quoted(last.name) + " does not end in a linear layer",
           "linear:CLASSES as its last layer");
  }
}

/// Lists the exits in the order of their statements, and checks that all exits and summaries have the same
/// number of classes.
void TopologyParser::list_exits() {
  std::vector<int> stages;
  for (const auto& line : syntax_tree_.exits) {
    stages.push_back(topology_.stage_of(vertex_of_file_[at(vertices_.at(line.stage))]));
    const Stage& stage = topology_.stages_[at(stages.back())];
    if (line.exit.leaves) topology_.exits_.push_back(stages.back());
    if (stage.layers.empty() || gives_scores(stage.layers.back().kind)) continue;
    refuse(line.line, quoted(line.stage) + " does not end in a linear layer",
           "linear:CLASSES, norm-linear:CLASSES or binary-linear:CLASSES as its last layer");
  }
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const auto& line = syntax_tree_.exits[i];
    const std::int64_t scores = topology_.stages_[at(stages[i])].output_width - (line.exit.leaves ? 1 : 0);
    const std::int64_t last = topology_.stages_[at(topology_.exits_.back())].output_width - 1;
    if (scores == last) continue;
    refuse(line.line, quoted(line.stage) + " gives " + std::to_string(scores) + " classes",
           std::to_string(last) + ", as the last exit");
  }
}

/// Either all stages are of a cut network or none is: the code that runs one kind does not support the other.
void TopologyParser::check_cut() const {
  for (std::size_t i = 0; i < topology_.stages_.size(); ++i) {
    const Stage& stage = topology_.stages_[i];
    const bool cut = !stage.layers.empty() && is_cut(stage.layers.front().kind);
    if (cut == topology_.is_cut()) continue;
    refuse(line_of_stage_[i],
           "stage " + quoted(stage.name) + (cut ? " is" : " is not") + " of a cut network, others are" +
               (cut ? " not" : ""),
           "gather, part, product and decode in all stages or none");
  }
  if (!topology_.is_cut()) return;
  for (const auto& line : syntax_tree_.links) {
    if (line.weight == 1.0 && line.expansion == Expansion::pad) continue;
    refuse(line.line,
           "link " + line.from + " -> " + line.to + " of a cut network has a weight or an expansion",
           "neither");
  }
}

}  // namespace deepfog
