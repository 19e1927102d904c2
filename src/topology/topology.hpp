#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deepfog {

/// Dense layers: `relu` is followed by max(0, x), `linear` by nothing.
/// The blocks of a DDNN (Teerapittayanon et al., section III): `binary_conv` is a 3x3 convolution with
/// weights of -1 and 1, a 3x3 max-pool of stride 2, batch norm and the sign; `conv` is its sibling with real
/// weights and max(0, x). `binary_linear` is a product with weights of -1 and 1, then batch norm;
/// `norm_linear` its sibling with real weights. They read images, [channels, height, width] a row.
/// `dropout` puts units to zero in training and scales the others by 1 / (1 - rate) (Srivastava et al., JMLR
/// 2014). `residual` is max(0, x' + W2 max(0, W1 x + b1) + b2), x' being x with zeros behind it or cut to the
/// width; `residual_conv` ResNet's basic block with the parameter-free shortcut (He et al., CVPR 2016, option
/// A). `conv3` is a 3x3 convolution, batch norm and max(0, x); `separable` MobileNet's block: 3x3 within
/// every channel, then 1x1 across them, batch norm and max(0, x) after both (Howard et al., 2017). `pool` is
/// the mean of every channel. Series are images of {features, 1, steps}: `gru` (Cho et al., EMNLP 2014) makes
/// a series of its states, `last` the vector of the last step. The others make a cut network (RobustDiCE,
/// section 4; partition/cut_topology.hpp), whose weights are no business of the topology: `gather` puts the
/// parts of a layer together, `part` computes one; of CDC `product` stops before what is not linear, and
/// `decode` recovers a missing product, goes on from there and gathers.
enum class LayerKind {
  linear,
  relu,
  conv,
  binary_conv,
  norm_linear,
  binary_linear,
  dropout,
  residual,
  residual_conv,
  conv3,
  separable,
  pool,
  gru,
  last,
  gather,
  part,
  product,
  decode
};
inline bool is_cut(LayerKind kind) {
  return kind >= LayerKind::gather;
}
struct Layer {
  LayerKind kind = LayerKind::relu;
  std::int64_t width =
      0;  ///< outputs; of a convolution its filters; 0: as many as its kind makes of the inputs
  std::int64_t stride = 1;  ///< of residual_conv, conv3 and separable
  double rate = 0;          ///< of dropout
};

/// {channels, height, width} of an image, or empty for plain vectors.
using Shape = std::vector<std::int64_t>;

/// An IoT device: the origin of data. Sources never fail (deepFogGuard, section 4.3).
struct Source {
  std::string name;
  std::int64_t width = 0;
  Shape shape{};               ///< of images; else empty
  bool channels_last = false;  ///< its values stand in the order height, width, channels
};

/// How a hyperconnection's vector reaches the width of the expansion layer: zero padding (deepFogGuard,
/// section 2, "Hyperconnection Dimensions"), or a trainable linear map without bias (the authors' later code
/// on iot->f2). `pool` is for images larger than those they are added to: the mean over windows that make
/// them as high and wide, then zero padding.
enum class Expansion { pad, linear, pool };

/// A link that carries one vector a sample between two vertices. Vertices are numbered sources first
/// (0..S-1), then stages in topological order (S..S+T-1).
struct Hyperconnection {
  int from = 0;         ///< vertex: source or stage
  int to = 0;           ///< vertex: always a stage
  bool skip = false;    ///< skips one or more physical nodes
  double weight = 1.0;  ///< w_ji of Equation 1, one figure for all elements
  Expansion expansion = Expansion::pad;
  bool verdict = false;    ///< tells a gate which rows have left at an exit
  std::int64_t width = 0;  ///< of the vector it carries
  bool partial = false;    ///< rows that have left at an exit do not travel
  bool binary = false;     ///< all its values are -1 or 1: a bit each on the wire
};

/// What a stage makes of what arrives. `add`: Equation 1 of deepFogGuard, Φ is ignored. `max`, `mean` and
/// `concat`: DDNN's MP, AP and CC (section III-C); Φ is ignored by the first two and zero in the third.
/// `rescale`: the sum, times the weights of all inputs over the weights of the live ones, so that it is as
/// large as without failures (deepFogGuard's future work). The last two belong to exits (exits.hpp): a `gate`
/// lets pass what has not left, `answers` picks for every row the exit that answers it.
enum class Aggregation { add, max, mean, concat, rescale, gate, answers };
inline bool is_sum(Aggregation how) {
  return how == Aggregation::add || how == Aggregation::rescale;
}

/// A stage whose output is scores of the classes, trained on its own loss.
struct Exit {
  bool leaves = true;      ///< rows may leave here; false: a class summary, for training and counting alone
  double threshold = 0.8;  ///< they do where the normalised entropy of the scores is below it
  double loss_weight = 1.0;
};

/// A run of layers on one physical node, behind the aggregation of what arrives.
struct Stage {
  std::string name;
  int node = 0;  ///< index into Topology::nodes()
  Aggregation aggregation = Aggregation::add;
  std::optional<Exit> exit;
  std::vector<Layer> layers;  ///< may be empty: the stage passes its sum on
  std::vector<int> incoming;  ///< indices into hyperconnections(), file order
  std::vector<int> outgoing;  ///< likewise
  std::int64_t expansion_width =
      0;  ///< widest zero-padded incoming vector (of images: height and width of any, channels of the one
          ///< that has most); if none is padded, the widest of all
  std::int64_t output_width = 0;        ///< of an exit: the scores, and 1 for rows that leave
  Shape expansion_shape, output_shape;  ///< of images
  bool partial = false;                 ///< reads rows that have not left alone
  bool binary = false;                  ///< its outputs are all -1 or 1
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
  std::int64_t classes() const { return stages_.back().output_width - (has_exits() ? 1 : 0); }

  /// Stages where rows may leave, in the order in which rows meet them; the last one takes all. Empty: a
  /// network without exits, its last stage answers.
  const std::vector<int>& exits() const { return exits_; }
  bool has_exits() const { return !exits_.empty(); }
  /// Stages that give scores, topological order: exits and class summaries, or the last stage.
  std::vector<int> heads() const;
  /// Nothing but dense layers, sums and one last stage.
  bool is_dense() const;
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
  std::vector<int> exits_;
};

constexpr std::size_t kMostTopologyBytes = 1000000;  ///< of a topology's text

/// Reads and checks a topology file. Throws UserError "file:line: what (allowed)".
/// One statement a line, in any order; `#` begins a comment:
///   topology NAME
///   let NAME WORD ...                 $NAME stands for the words below
///   source NAME WIDTH                 or NAME CHANNELSxHEIGHTxWIDTH [channels-last]
///   node NAME [AGGREGATION] [LAYER ...]           a physical node; with either, also its stage of that name
///   stage NAME on NODE [AGGREGATION] [LAYER ...]  for nodes that host several
///   link FROM -> TO [skip] [weight=NUMBER] [expand=pad|linear|pool]
///   exit STAGE [threshold=NUMBER] [loss=NUMBER]   rows may leave here; in the order in which they meet them
///   summary STAGE [loss=NUMBER]       scores that are trained on a loss of their own and counted
///   fails NODE ...                    the nodes that can fail, in the order of every vector; at most 64
/// An AGGREGATION is add (where none is given), rescale, max, mean or concat. A LAYER is relu:WIDTH,
/// linear:WIDTH, residual:WIDTH, norm-linear:WIDTH, binary-linear:WIDTH, dropout:RATE; of images
/// conv:FILTERS, binary-conv:FILTERS, conv3:FILTERS[/STRIDE], separable:FILTERS[/STRIDE],
/// residual-conv:FILTERS[/STRIDE], pool; of series gru:HIDDEN, last; each with *REPEATS. The last stage ends
/// in linear:CLASSES, or norm-linear or binary-linear. In a cut network every stage has one layer,
/// gather:WIDTH, part:WIDTH, product:WIDTH or decode:WIDTH, links have neither weight nor expand, and the
/// last stage is gather:CLASSES or decode:CLASSES.
Topology load_topology(const std::string& path);

/// The same from text; `where` stands for the file in messages.
Topology parse_topology(const std::string& text, const std::string& where);

/// The text with these words for its `let` names. Throws UserError for a name that it does not let.
std::string with_values(const std::string& text, const std::vector<std::pair<std::string, std::string>>& lets,
                        const std::string& where);

/// The text without these skip hyperconnections, "a->b" each. Throws UserError for one that it does not have.
std::string without_skips(const std::string& text, const std::vector<std::string>& links,
                          const std::string& where);

/// The text with a weight on every link into a stage with several inputs: the reliability of the node that
/// sends, 1 for sources and nodes that are not named, scaled so that the weights into a stage add up to the
/// number of its inputs. Throws UserError where such a link has a weight, or a node that sends a reliability
/// of 0.
std::string with_reliability_weights(const std::string& text,
                                     const std::vector<std::pair<std::string, double>>& reliability,
                                     const std::string& where);

/// For what computes stages, not parts of layers. Throws UserError for a cut network.
void refuse_cut(const Topology& topology, const std::string& where);

}  // namespace deepfog
