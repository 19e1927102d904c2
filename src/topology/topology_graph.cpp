// The part of TopologyParser that resolves names to a graph.
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/stage_order.hpp"
#include "topology/syntax_tree_words.hpp"
#include "topology/topology_parser.hpp"

namespace deepfog {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

int TopologyParser::resolve(const std::string& name, int line) const {
  const auto found = vertices_.find(name);
  if (found != vertices_.end()) return found->second;
  std::vector<std::string> names, hosted;
  for (const auto& source : syntax_tree_.sources) names.push_back(source.source.name);
  for (const auto& stage : syntax_tree_.stages) {
    names.push_back(stage.name);
    if (stage.node == name) hosted.push_back(stage.name);
  }
  if (!hosted.empty()) {
    refuse(line, "node " + quoted(name) + " has no stage of that name", "its stages: " + listing(hosted));
  }
  refuse(line, "no source or stage " + quoted(name) + suggestion(name, names), listing(names));
}

void TopologyParser::resolve_links() {
  for (const auto& line : syntax_tree_.sources)
    vertices_[line.source.name] = static_cast<int>(vertices_.size());
  for (const auto& stage : syntax_tree_.stages) vertices_[stage.name] = static_cast<int>(vertices_.size());
  std::set<std::pair<int, int>> seen;
  for (const auto& link : syntax_tree_.links) {
    const Edge edge{resolve(link.from, link.line), resolve(link.to, link.line)};
    const std::string named = link.from + " -> " + link.to;
    if (edge.from == edge.to)
      refuse(link.line, "link " + named + " joins a stage to itself", "two different stages");
    if (topology_.is_source(edge.to))
      refuse(link.line, quoted(link.to) + " is a source", "a link ends at a stage");
    if (!seen.insert({edge.from, edge.to}).second)
      refuse(link.line, "link " + named + " given twice", "once");
    edges_.push_back(edge);
  }
}

void TopologyParser::place_stages() {
  const int sources = static_cast<int>(syntax_tree_.sources.size());
  const int count = static_cast<int>(syntax_tree_.stages.size());
  std::vector<std::pair<int, int>> edges;
  for (const auto& edge : edges_) {
    if (edge.from >= sources) edges.emplace_back(edge.from - sources, edge.to - sources);
  }
  const auto cycle = find_cycle(count, edges);
  if (!cycle.empty()) {
    std::string names;
    for (const int stage : cycle) names += syntax_tree_.stages[at(stage)].name + " -> ";
    refuse(syntax_tree_.stages[at(cycle[0])].line,
           "a cycle: " + names + syntax_tree_.stages[at(cycle[0])].name,
           "links lead from the sources to the last stage");
  }
  vertex_of_file_.resize(at(sources + count));
  for (int source = 0; source < sources; ++source) vertex_of_file_[at(source)] = source;
  for (const int stage : stage_order(count, edges)) {
    auto& line = syntax_tree_.stages[at(stage)];
    vertex_of_file_[at(sources + stage)] = topology_.vertices();
    line_of_stage_.push_back(line.line);
    Stage placed;
    placed.name = line.name;
    placed.node = nodes_.at(line.node);
    placed.layers = std::move(line.layers);
    placed.aggregation = line.aggregation;
    placed.exit = line.exit;
    topology_.stages_.push_back(std::move(placed));
  }
}

/// In an acyclic graph, these local checks imply the global ones: every stage is reachable from a source and
/// leads to the only last stage.
void TopologyParser::check_ends() const {
  const std::size_t sources = syntax_tree_.sources.size();
  std::vector<int> arriving(vertices_.size(), 0), leaving(vertices_.size(), 0);
  for (const auto& edge : edges_) {
    ++arriving[at(edge.to)];
    ++leaving[at(edge.from)];
  }
  for (std::size_t i = 0; i < sources; ++i) {
    if (leaving[i] == 0) {
      refuse(syntax_tree_.sources[i].line,
             "source " + quoted(syntax_tree_.sources[i].source.name) + " leads nowhere",
             "link it to a stage");
    }
  }
  const SyntaxTree::StageLine* last = nullptr;
  for (std::size_t i = 0; i < syntax_tree_.stages.size(); ++i) {
    const auto& stage = syntax_tree_.stages[i];
    if (arriving[sources + i] == 0) {
      refuse(stage.line, "stage " + quoted(stage.name) + " is reached from no source", "link to it");
    }
    if (leaving[sources + i] != 0) continue;
    if (last != nullptr) {
      refuse(last->line, "stages " + quoted(last->name) + " and " + quoted(stage.name) + " both lead nowhere",
             "only one stage, the last, has no outgoing link");
    }
    last = &stage;
  }
}

void TopologyParser::place_links() {
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const auto& line = syntax_tree_.links[i];
    Hyperconnection link;
    link.from = vertex_of_file_[at(edges_[i].from)];
    link.to = vertex_of_file_[at(edges_[i].to)];
    link.skip = line.skip;
    link.weight = line.weight;
    link.expansion = line.expansion;
    link.verdict = line.verdict;
    topology_.stages_[at(topology_.stage_of(link.to))].incoming.push_back(static_cast<int>(i));
    if (!topology_.is_source(link.from)) {
      topology_.stages_[at(topology_.stage_of(link.from))].outgoing.push_back(static_cast<int>(i));
    }
    topology_.hyperconnections_.push_back(link);
  }
}

}  // namespace deepfog
