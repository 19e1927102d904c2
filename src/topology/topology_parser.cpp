#include "topology/topology_parser.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/draft_words.hpp"

namespace deepfog {
namespace {

// 4 GB in float: more is a slip of the pen, and would end as "out of memory".
constexpr double kMostParameters = 1e9;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

void TopologyParser::refuse(int line, const std::string& what, const std::string& allowed) const {
  throw UserError(at_line(where_, line), what, allowed);
}

Topology TopologyParser::parse(const std::string& text) {
  draft_ = read_draft(text, where_);
  topology_.name_ = draft_.topology.name;
  topology_.text_ = text;
  if (draft_.sources.empty()) throw UserError(where_, "no source", "source NAME WIDTH");
  if (draft_.nodes.empty()) throw UserError(where_, "no node", "node NAME [LAYER ...]");
  for (const auto& line : draft_.sources) topology_.sources_.push_back(line.source);
  place_nodes();
  place_fails();
  if (draft_.links.empty()) throw UserError(where_, "no link", "link FROM -> TO");
  resolve_links();
  place_stages();
  check_ends();
  place_links();
  set_widths();
  check_last_stage();
  check_cut();
  return std::move(topology_);
}

void TopologyParser::place_nodes() {
  std::vector<std::string> names;
  for (const auto& node : draft_.nodes) {
    nodes_[node.name] = static_cast<int>(topology_.nodes_.size());
    topology_.nodes_.push_back({node.name, -1});
    names.push_back(node.name);
  }
  std::set<std::string> hosts;
  for (const auto& stage : draft_.stages) {
    if (nodes_.count(stage.node) == 0) {
      refuse(stage.line, "no node " + quoted(stage.node) + suggestion(stage.node, names),
             "nodes: " + listing(names));
    }
    hosts.insert(stage.node);
  }
  for (const auto& node : draft_.nodes) {
    if (hosts.count(node.name) == 0) {
      refuse(node.line, "node " + quoted(node.name) + " hosts no stage",
             "layers on its line, or stage NAME on " + node.name);
    }
  }
}

void TopologyParser::place_fails() {
  std::vector<std::string> names;
  for (const auto& node : draft_.nodes) names.push_back(node.name);
  for (const auto& [name, line] : draft_.fails) {
    const auto same = [&wanted = name](const auto& source) { return source.source.name == wanted; };
    if (std::any_of(draft_.sources.begin(), draft_.sources.end(), same)) {
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

void TopologyParser::set_widths() {
  double parameters = 0;
  for (std::size_t i = 0; i < topology_.stages_.size(); ++i) {
    Stage& stage = topology_.stages_[i];
    std::int64_t padded = 0, widest = 0;
    for (const int index : stage.incoming) {
      Hyperconnection& link = topology_.hyperconnections_[at(index)];
      link.width = topology_.is_source(link.from)
                       ? topology_.sources_[at(link.from)].width
                       : topology_.stages_[at(topology_.stage_of(link.from))].output_width;
      widest = std::max(widest, link.width);
      if (link.expansion == Expansion::pad) padded = std::max(padded, link.width);
    }
    stage.expansion_width = padded > 0 ? padded : widest;
    for (const int index : stage.incoming) {
      const Hyperconnection& link = topology_.hyperconnections_[at(index)];
      if (link.expansion == Expansion::linear) {
        parameters += static_cast<double>(link.width) * static_cast<double>(stage.expansion_width);
      }
    }
    stage.output_width = stage.expansion_width;
    for (const Layer& layer : stage.layers) {
      if (!is_cut(layer.kind))
        parameters += static_cast<double>(stage.output_width + 1) * static_cast<double>(layer.width);
      stage.output_width = layer.width;
    }
    if (parameters > kMostParameters) {
      refuse(line_of_stage_[i],
             "stage " + quoted(stage.name) + " brings the network over 1000000000 parameters",
             "narrower or fewer layers");
    }
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
  if (last.layers.empty() || last.layers.back().kind != LayerKind::linear) {
    refuse(line_of_stage_.back(), "last stage " + quoted(last.name) + " does not end in a linear layer",
           "linear:CLASSES as its last layer");
  }
}

/// A network is cut throughout or not at all: what runs the one kind of stage does not know the other.
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
  for (const auto& line : draft_.links) {
    if (line.weight == 1.0 && line.expansion == Expansion::pad) continue;
    refuse(line.line,
           "link " + line.from + " -> " + line.to + " of a cut network has a weight or an expansion",
           "neither");
  }
}

}  // namespace deepfog
