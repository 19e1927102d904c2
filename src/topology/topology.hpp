#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deepfog {

/// Dense layers: `linear` is a product with bias; `relu` applies max(0, x) to it.
///
/// The blocks of a DDNN (Teerapittayanon et al., section III): `binary_conv` is a 3x3 convolution with
/// weights of -1 and 1, a 3x3 max-pool of stride 2, batch norm and the sign; `conv` is the same with real
/// weights and max(0, x) instead of the sign. `binary_linear` is a product with weights of -1 and 1, then
/// batch norm; `norm_linear` is the same with real weights. Convolutions read images, [channels, height,
/// width] per row.
///
/// `dropout` sets units to zero in training and scales the others by 1 / (1 - rate) (Srivastava et al., JMLR
/// 2014). `residual` is max(0, x' + W2 max(0, W1 x + b1) + b2), where x' is x padded with zeros or cut to the
/// width; `residual_conv` is ResNet's basic block with the parameter-free shortcut (He et al., CVPR 2016,
/// option A). `conv3` is a 3x3 convolution, batch norm and max(0, x); `separable` is MobileNet's block: a 3x3
/// convolution in every channel, then 1x1 across channels, each followed by batch norm and max(0, x) (Howard
/// et al., 2017). `pool` is the mean of every channel. Series are images of {features, 1, steps}: `gru` (Cho
/// et al., EMNLP 2014) returns the series of its states, `last` the vector of the last step.
///
/// The other kinds form a cut network (RobustDiCE, section 4; partition/cut_topology.hpp), whose weights the
/// topology does not describe: `gather` assembles the parts of a layer, and `part` computes one. For CDC,
/// `product` stops before any non-linear operation, and `decode` recovers a missing product, continues from
/// there and gathers.
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
  std::int64_t width = 0;   ///< outputs, or filters of a convolution; 0: the kind derives it from the inputs
  std::int64_t stride = 1;  ///< of residual_conv, conv3 and separable
  double rate = 0;          ///< of dropout
};

/// {channels, height, width} of an image; empty for plain vectors.
using Shape = std::vector<std::int64_t>;

/// An IoT device: the origin of data. Sources never fail (deepFogGuard, section 4.3).
struct Source {
  std::string name;
  std::int64_t width = 0;
  Shape shape{};               ///< for images; otherwise empty
  bool channels_last = false;  ///< values are stored in the order height, width, channels
};

/// How the vector of a hyperconnection is brought to the width of the expansion layer: by zero padding
/// (deepFogGuard, section 2, "Hyperconnection Dimensions"), or by a trainable linear map without bias (the
/// authors' later code on iot->f2). `pool` is for images that are larger than those they are added to: it
/// takes the mean over windows that reduce them to the same height and width, and then pads with zeros.
enum class Expansion { pad, linear, pool };

/// A link that carries one vector per sample between two vertices. Vertices are numbered sources first
/// (0..S-1), then stages in topological order (S..S+T-1).
struct Hyperconnection {
  int from = 0;         ///< vertex: a source or a stage
  int to = 0;           ///< vertex: always a stage
  bool skip = false;    ///< skips one or more physical nodes
  double weight = 1.0;  ///< w_ji of Equation 1, one value for all elements
  Expansion expansion = Expansion::pad;
  bool verdict = false;    ///< tells a gate which rows have left at an exit
  std::int64_t width = 0;  ///< of the vector that it carries
  bool partial = false;    ///< rows that have left at an exit do not travel
  bool binary = false;     ///< all values are -1 or 1 and take one bit each in a message
};

/// How a stage combines its inputs. `add` is Equation 1 of deepFogGuard, which ignores Φ. `max`, `mean` and
/// `concat` are DDNN's MP, AP and CC (section III-C); the first two ignore Φ, the third replaces it by zeros.
/// `rescale` is the sum, multiplied by the weights of all inputs over the weights of the live ones, so that
/// it is as large as without failures (deepFogGuard's future work). The last two belong to exits (exits.hpp):
/// a `gate` passes rows that have not left, and `answers` selects for every row the exit that answers it.
enum class Aggregation { add, max, mean, concat, rescale, gate, answers };
inline bool is_sum(Aggregation how) {
  return how == Aggregation::add || how == Aggregation::rescale;
}

/// An exit: a stage whose output is class scores and which is trained on its own loss.
struct Exit {
  bool leaves = true;      ///< rows may leave here; false: a class summary, for training and counting only
  double threshold = 0.8;  ///< rows leave if the normalised entropy of the scores is below it
  double loss_weight = 1.0;
};

/// A sequence of layers on one physical node, after the aggregation of its inputs.
struct Stage {
  std::string name;
  int node = 0;  ///< index into Topology::nodes()
  Aggregation aggregation = Aggregation::add;
  std::optional<Exit> exit;
  std::vector<Layer> layers;            ///< may be empty: the stage passes its aggregated input on
  std::vector<int> incoming;            ///< indices into hyperconnections(), in file order
  std::vector<int> outgoing;            ///< indices into hyperconnections(), in file order
  std::int64_t expansion_width = 0;     ///< widest zero-padded input, for images their height and width and
                                        ///< the most channels of any; if none is padded, the widest input
  std::int64_t output_width = 0;        ///< for an exit: the scores, and a flag for rows that leave
  Shape expansion_shape, output_shape;  ///< for images
  bool partial = false;                 ///< reads only rows that have not left
  bool binary = false;                  ///< all outputs are -1 or 1
};

/// A physical node: a machine that fails with all its stages.
struct PhysicalNode {
  std::string name;
  int position = -1;  ///< in every reliability setting and failure combination; -1: never fails
  bool can_fail() const { return position >= 0; }
};

/// A partitioned network over physical nodes. It has been checked: acyclic, every stage is reachable from a
/// source and leads to the only last stage, widths are known, and names are unique. Immutable once built.
class Topology {
 public:
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }  ///< the text of the file, verbatim
  const std::vector<Source>& sources() const { return sources_; }
  const std::vector<PhysicalNode>& nodes() const { return nodes_; }
  const std::vector<Stage>& stages() const { return stages_; }  ///< in topological order
  const std::vector<Hyperconnection>& hyperconnections() const { return hyperconnections_; }

  int failing() const { return static_cast<int>(failing_names_.size()); }           ///< n
  const std::vector<std::string>& failing_names() const { return failing_names_; }  ///< by position

  int vertices() const { return static_cast<int>(sources_.size() + stages_.size()); }
  bool is_source(int vertex) const { return vertex < static_cast<int>(sources_.size()); }
  int stage_of(int vertex) const { return vertex - static_cast<int>(sources_.size()); }
  int vertex_of(int stage) const { return stage + static_cast<int>(sources_.size()); }
  const std::string& vertex_name(int vertex) const;
  int last_stage() const { return static_cast<int>(stages_.size()) - 1; }
  std::int64_t classes() const { return stages_.back().output_width - (has_exits() ? 1 : 0); }

  /// Stages at which rows may leave, in the order in which rows reach them; the last one accepts every row.
  /// If empty, the network has no exits and its last stage answers.
  const std::vector<int>& exits() const { return exits_; }
  bool has_exits() const { return !exits_.empty(); }
  /// Stages that give scores, in topological order: exits and class summaries, or else the last stage.
  std::vector<int> heads() const;
  /// Whether the network consists only of dense layers and sums, without exits.
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

constexpr std::size_t kMostTopologyBytes = 1000000;  ///< of the text of a topology

/// Reads and checks a topology file. Throws UserError "file:line: what (allowed)". The file has one statement
/// per line, in any order; `#` starts a comment:
///   topology NAME
///   let NAME WORD ...                 $NAME stands for these words in later statements
///   source NAME WIDTH                 or NAME CHANNELSxHEIGHTxWIDTH [channels-last]
///   node NAME [AGGREGATION] [LAYER ...]           a physical node; with either, also its stage
///   stage NAME on NODE [AGGREGATION] [LAYER ...]  for nodes that host several stages
///   link FROM -> TO [skip] [weight=NUMBER] [expand=pad|linear|pool]
///   exit STAGE [threshold=NUMBER] [loss=NUMBER]   rows may leave here; in the order in which they do
///   summary STAGE [loss=NUMBER]       scores that are trained on their own loss and counted
///   fails NODE ...                    nodes that can fail, in the order of reliability settings; at most 64
/// An AGGREGATION is add (the default), rescale, max, mean or concat. A LAYER is relu:WIDTH, linear:WIDTH,
/// residual:WIDTH, norm-linear:WIDTH, binary-linear:WIDTH or dropout:RATE; for images conv:FILTERS,
/// binary-conv:FILTERS, conv3:FILTERS[/STRIDE], separable:FILTERS[/STRIDE], residual-conv:FILTERS[/STRIDE] or
/// pool; for series gru:HIDDEN or last; each may have *REPEATS. The last stage ends in linear:CLASSES,
/// norm-linear:CLASSES or binary-linear:CLASSES. In a cut network, every stage has one layer, gather:WIDTH,
/// part:WIDTH, product:WIDTH or decode:WIDTH, links have neither weight nor expand, and the last stage is
/// gather:CLASSES or decode:CLASSES.
Topology load_topology(const std::string& path);

/// Parses the text of a topology file; `where` names the file in messages.
Topology parse_topology(const std::string& text, const std::string& where);

/// Returns the text with other words for its `let` names. Throws UserError for a name that it does not
/// define.
std::string with_values(const std::string& text, const std::vector<std::pair<std::string, std::string>>& lets,
                        const std::string& where);

/// Returns the text without these skip hyperconnections, each "a->b". Throws UserError for one that it does
/// not have.
std::string without_skips(const std::string& text, const std::vector<std::string>& links,
                          const std::string& where);

/// Returns the text with a weight on every link into a stage with several inputs: the reliability of the
/// sending node (1 for sources and nodes that are not named), scaled so that the weights into a stage add up
/// to its number of inputs. Throws UserError if such a link already has a weight or if a sending node has a
/// reliability of 0.
std::string with_reliability_weights(const std::string& text,
                                     const std::vector<std::pair<std::string, double>>& reliability,
                                     const std::string& where);

/// For code that computes stages, not parts of layers. Throws UserError for a cut network.
void refuse_cut(const Topology& topology, const std::string& where);

}  // namespace deepfog
