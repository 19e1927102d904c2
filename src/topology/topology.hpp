#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// Dense layers: `relu` is followed by max(0, x), `linear` by nothing. The others make a cut network
/// (RobustDiCE, section 4; partition/cut_topology.hpp), whose weights are no business of the topology:
/// `gather` puts the parts of a layer together, `part` computes one; of CDC `product` stops before what is
/// not linear, and `decode` recovers a missing product, goes on from there and gathers.
enum class LayerKind { linear, relu, gather, part, product, decode };
inline bool is_cut(LayerKind kind) {
  return kind != LayerKind::linear && kind != LayerKind::relu;
}
struct Layer {
  LayerKind kind = LayerKind::relu;
  std::int64_t width = 0;
};

/// An IoT device: the origin of data. Sources never fail (deepFogGuard, section 4.3).
struct Source {
  std::string name;
  std::int64_t width = 0;
  std::vector<std::int64_t> shape{};  ///< of a data set's images: {channels, height, width}; else empty
};

/// How a hyperconnection's vector reaches the width of the expansion layer: zero padding (deepFogGuard,
/// section 2, "Hyperconnection Dimensions"), or a trainable linear map without bias (the authors' later code
/// on iot->f2).
enum class Expansion { pad, linear };

/// A link that carries one vector a sample between two vertices. Vertices are numbered sources first
/// (0..S-1), then stages in topological order (S..S+T-1).
struct Hyperconnection {
  int from = 0;         ///< vertex: source or stage
  int to = 0;           ///< vertex: always a stage
  bool skip = false;    ///< skips one or more physical nodes
  double weight = 1.0;  ///< w_ji of Equation 1, one figure for all elements
  Expansion expansion = Expansion::pad;
  std::int64_t width = 0;  ///< of the vector it carries
};

/// A run of layers on one physical node, behind an expansion layer that adds what arrives (Equation 1; Φ is
/// ignored).
struct Stage {
  std::string name;
  int node = 0;               ///< index into Topology::nodes()
  std::vector<Layer> layers;  ///< may be empty: the stage passes its sum on
  std::vector<int> incoming;  ///< indices into hyperconnections(), file order
  std::vector<int> outgoing;  ///< likewise
  std::int64_t expansion_width =
      0;  ///< widest zero-padded incoming vector; if none is padded, the widest of all
  std::int64_t output_width = 0;
};

/// A machine. It dies with all its stages.
struct PhysicalNode {
  std::string name;
  int position = -1;  ///< in every reliability vector and failure combination; -1: never fails
  bool can_fail() const { return position >= 0; }
};

/// A partitioned network over physical nodes, checked: acyclic, every stage reachable from a source and
/// leading to the one last stage, widths known, names unique. Immutable once built.
class Topology {
 public:
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }  ///< the file, verbatim
  const std::vector<Source>& sources() const { return sources_; }
  const std::vector<PhysicalNode>& nodes() const { return nodes_; }
  const std::vector<Stage>& stages() const { return stages_; }  ///< topological order
  const std::vector<Hyperconnection>& hyperconnections() const { return hyperconnections_; }

  int failing() const { return static_cast<int>(failing_names_.size()); }           ///< n
  const std::vector<std::string>& failing_names() const { return failing_names_; }  ///< in vector order

  int vertices() const { return static_cast<int>(sources_.size() + stages_.size()); }
  bool is_source(int vertex) const { return vertex < static_cast<int>(sources_.size()); }
  int stage_of(int vertex) const { return vertex - static_cast<int>(sources_.size()); }
  int vertex_of(int stage) const { return stage + static_cast<int>(sources_.size()); }
  const std::string& vertex_name(int vertex) const;
  int last_stage() const { return static_cast<int>(stages_.size()) - 1; }
  std::int64_t classes() const { return stages_.back().output_width; }
  bool is_cut() const {
    return !stages_.back().layers.empty() && deepfog::is_cut(stages_.back().layers[0].kind);
  }

 private:
  friend class TopologyParser;
  std::string name_, text_;
  std::vector<Source> sources_;
  std::vector<PhysicalNode> nodes_;
  std::vector<Stage> stages_;
  std::vector<Hyperconnection> hyperconnections_;
  std::vector<std::string> failing_names_;
};

constexpr std::size_t kMostTopologyBytes = 1000000;  ///< of a topology's text

/// Reads and checks a topology file. Throws UserError "file:line: what (allowed)".
/// One statement a line, in any order; `#` begins a comment:
///   topology NAME
///   source NAME WIDTH
///   node NAME [LAYER ...]             a physical node; with layers, also its stage of the same name
///   stage NAME on NODE [LAYER ...]    for nodes that host several
///   link FROM -> TO [skip] [weight=NUMBER] [expand=pad|linear]
///   fails NODE ...                    the nodes that can fail, in the order of every vector; at most 64
/// A LAYER is relu:WIDTH or linear:WIDTH, either with *REPEATS. The last stage ends in linear:CLASSES.
/// In a cut network every stage has one layer, gather:WIDTH, part:WIDTH, product:WIDTH or decode:WIDTH, links
/// have neither weight nor expand, and the last stage is gather:CLASSES or decode:CLASSES.
Topology load_topology(const std::string& path);

/// The same from text; `where` stands for the file in messages.
Topology parse_topology(const std::string& text, const std::string& where);

/// For what computes with dense layers only. Throws UserError for a cut network.
void refuse_cut(const Topology& topology, const std::string& where);

}  // namespace deepfog
