// The part of TopologyParser that computes the width and shape of everything.
#include <algorithm>

#include "core/error.hpp"
#include "topology/layer_size.hpp"
#include "topology/samples.hpp"
#include "topology/syntax_tree_words.hpp"
#include "topology/topology_parser.hpp"

namespace deepfog {
namespace {

// 4 GB of floats: more is probably a mistake and would end with "out of memory".
constexpr double kMostParameters = 1e9;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// The shape of images that are concatenated along the channels; empty if one of them is not an image or has
/// another size.
Shape joined(const std::vector<Shape>& shapes) {
  Shape whole = shapes.front();
  if (whole.empty()) return {};
  for (std::size_t i = 1; i < shapes.size(); ++i) {
    if (shapes[i].empty() || shapes[i][1] != whole[1] || shapes[i][2] != whole[2]) return {};
    whole[0] += shapes[i][0];
  }
  return whole;
}

/// The shape of an image to which all of these can be added: their common height and width, and as many
/// channels as the largest of them and of the pooled images. Empty if there is none.
Shape sum_of(const std::vector<Shape>& shapes, const std::vector<Shape>& pooled) {
  if (shapes.empty() || shapes.front().empty()) return {};
  Shape sum = shapes.front();
  for (const Shape& shape : shapes) {
    if (shape.empty() || shape[1] != sum[1] || shape[2] != sum[2]) return {};
    sum[0] = std::max(sum[0], shape[0]);
  }
  for (const Shape& shape : pooled) sum[0] = std::max(sum[0], shape.empty() ? 0 : shape[0]);
  return sum;
}

}  // namespace

void TopologyParser::set_widths() {
  for (std::size_t i = 0; i < topology_.stages_.size(); ++i) {
    set_inputs(i);
    add_layers(i);
  }
}

void TopologyParser::count_parameters(std::size_t stage, std::int64_t more) {
  parameters_ += static_cast<double>(more);
  if (parameters_ <= kMostParameters) return;
  refuse(line_of_stage_[stage],
         "stage " + quoted(topology_.stages_[stage].name) + " brings the network over 1000000000 parameters",
         "narrower or fewer layers");
}

/// Sets the inputs of a stage, and the width and shape after its aggregation.
void TopologyParser::set_inputs(std::size_t index) {
  Stage& stage = topology_.stages_[index];
  std::int64_t padded = 0, widest = 0, sum = 0;
  std::vector<Shape> shapes, added, pooled;  // of all inputs, of zero-padded ones, of pooled ones
  bool alike = true;
  for (const int number : stage.incoming) {
    Hyperconnection& link = topology_.hyperconnections_[at(number)];
    Shape shape;
    if (topology_.is_source(link.from)) {
      link.width = topology_.sources_[at(link.from)].width;
      shape = topology_.sources_[at(link.from)].shape;
    } else {
      const Stage& sender = topology_.stages_[at(topology_.stage_of(link.from))];
      link.width = sender.output_width;
      link.partial = sender.partial || sender.aggregation == Aggregation::gate;
      link.binary = sender.binary;
      shape = sender.output_shape;
    }
    if (link.verdict) continue;
    stage.partial = stage.partial || link.partial;
    if (stage.aggregation == Aggregation::gate) stage.binary = link.binary;
    alike = alike && (widest == 0 || link.width == widest);
    widest = std::max(widest, link.width);
    sum += link.width;
    if (link.expansion == Expansion::pad) {
      padded = std::max(padded, link.width);
      added.push_back(shape);
    } else if (link.expansion == Expansion::pool) {
      pooled.push_back(shape);
    }
    shapes.push_back(std::move(shape));
    const bool plain = link.expansion == Expansion::pad && link.weight == 1.0;
    if (is_sum(stage.aggregation) || plain) continue;
    refuse(line_of_stage_[index],
           "stage " + quoted(stage.name) + " does not add, but a link into it has a weight or an expansion",
           "neither, or the aggregation add or rescale");
  }
  if ((stage.aggregation == Aggregation::max || stage.aggregation == Aggregation::mean) && !alike) {
    refuse(line_of_stage_[index], "stage " + quoted(stage.name) + " is given vectors of several widths",
           "one width for max and mean");
  }
  stage.expansion_width = padded > 0 ? padded : widest;
  if (stage.aggregation == Aggregation::concat) {
    stage.expansion_width = sum;
    stage.expansion_shape = joined(shapes);
  } else if (const Shape image = sum_of(added, pooled); is_sum(stage.aggregation) && !image.empty()) {
    stage.expansion_shape = image;
    stage.expansion_width = size_of(image).width;
  } else if (std::all_of(shapes.begin(), shapes.end(), [&](const Shape& s) { return s == shapes[0]; })) {
    stage.expansion_shape = shapes.front();
  }
  if (!pooled.empty()) check_pooled(index, pooled, !added.empty());
  for (const int number : stage.incoming) {
    const Hyperconnection& link = topology_.hyperconnections_[at(number)];
    if (link.expansion == Expansion::linear) count_parameters(index, link.width * stage.expansion_width);
  }
}

/// Pooling needs images, and a height and width that other inputs determine.
void TopologyParser::check_pooled(std::size_t index, const std::vector<Shape>& pooled, bool any_added) const {
  const Stage& stage = topology_.stages_[index];
  const Shape& to = stage.expansion_shape;
  if (!any_added || to.empty()) {
    refuse(
        line_of_stage_[index],
        "stage " + quoted(stage.name) + " is given images to pool, but no height and width to pool them to",
        "images of one height and width on its links without expand=pool");
  }
  for (const Shape& shape : pooled) {
    if (!shape.empty() && shape[1] % to[1] == 0 && shape[2] % to[2] == 0) continue;
    refuse(line_of_stage_[index],
           "stage " + quoted(stage.name) + " is given " +
               (shape.empty() ? "what is no image" : "an image of " + describe(shape)) + " to pool to " +
               describe(to),
           "images whose height and width are whole multiples");
  }
}

void TopologyParser::add_layers(std::size_t index) {
  Stage& stage = topology_.stages_[index];
  VectorSize size{stage.expansion_width, stage.expansion_shape};
  for (const Layer& layer : stage.layers) {
    stage.binary = layer.kind == LayerKind::binary_conv;
    const std::string wanted = wanted_by(layer, size);
    if (wanted == "images") {
      refuse(line_of_stage_[index],
             "stage " + quoted(stage.name) + " has a " +
                 (layer.kind == LayerKind::pool ? "pool" : "convolution") + " of what is no image",
             "sources CHANNELSxHEIGHTxWIDTH, all of one height and width");
    }
    if (!wanted.empty()) {
      refuse(line_of_stage_[index],
             "stage " + quoted(stage.name) + " has a " +
                 (layer.kind == LayerKind::gru ? "gru" : "last step") + " of what is no series",
             "sources FEATURESx1xSTEPS, all of as many steps");
    }
    if (!is_cut(layer.kind)) {
      const StageCost cost = cost_of(layer, size);
      count_parameters(index, cost.parameters + cost.kept);
    }
    size = behind(layer, size);
  }
  stage.output_width = size.width;
  stage.output_shape = size.shape;
  if (stage.exit && stage.exit->leaves) ++stage.output_width;
}

}  // namespace deepfog
