// The part of TopologyParser that finds how wide, and of what shape, everything is.
#include <algorithm>

#include "core/error.hpp"
#include "topology/draft_words.hpp"
#include "topology/stage_cost.hpp"
#include "topology/topology_parser.hpp"

namespace deepfog {
namespace {

// 4 GB in float: more is a slip of the pen, and would end as "out of memory".
constexpr double kMostParameters = 1e9;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

std::int64_t values(const Shape& shape) {
  return shape[0] * shape[1] * shape[2];
}

/// The shape of images side by side, channels behind channels; empty where one is no image or of another
/// size.
Shape joined(const std::vector<Shape>& shapes) {
  Shape whole = shapes.front();
  if (whole.empty()) return {};
  for (std::size_t i = 1; i < shapes.size(); ++i) {
    if (shapes[i].empty() || shapes[i][1] != whole[1] || shapes[i][2] != whole[2]) return {};
    whole[0] += shapes[i][0];
  }
  return whole;
}

}  // namespace

void TopologyParser::set_widths() {
  for (std::size_t i = 0; i < topology_.stages_.size(); ++i) {
    set_inputs(i);
    add_layers(i);
    if (parameters_ > kMostParameters) {
      refuse(line_of_stage_[i],
             "stage " + quoted(topology_.stages_[i].name) + " brings the network over 1000000000 parameters",
             "narrower or fewer layers");
    }
  }
}

/// What arrives, and the width and shape that the aggregation makes of it.
void TopologyParser::set_inputs(std::size_t index) {
  Stage& stage = topology_.stages_[index];
  std::int64_t padded = 0, widest = 0, sum = 0;
  std::vector<Shape> shapes;
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
    if (link.expansion == Expansion::pad) padded = std::max(padded, link.width);
    shapes.push_back(std::move(shape));
    const bool plain = link.expansion == Expansion::pad && link.weight == 1.0;
    if (stage.aggregation == Aggregation::add || plain) continue;
    refuse(line_of_stage_[index],
           "stage " + quoted(stage.name) + " does not add, but a link into it has a weight or an expansion",
           "neither, or the aggregation add");
  }
  if ((stage.aggregation == Aggregation::max || stage.aggregation == Aggregation::mean) && !alike) {
    refuse(line_of_stage_[index], "stage " + quoted(stage.name) + " is given vectors of several widths",
           "one width for max and mean");
  }
  stage.expansion_width = padded > 0 ? padded : widest;
  if (stage.aggregation == Aggregation::concat) {
    stage.expansion_width = sum;
    stage.expansion_shape = joined(shapes);
  } else if (std::all_of(shapes.begin(), shapes.end(), [&](const Shape& s) { return s == shapes[0]; })) {
    stage.expansion_shape = shapes.front();
  }
  for (const int number : stage.incoming) {
    const Hyperconnection& link = topology_.hyperconnections_[at(number)];
    if (link.expansion != Expansion::linear) continue;
    parameters_ += static_cast<double>(link.width) * static_cast<double>(stage.expansion_width);
  }
}

void TopologyParser::add_layers(std::size_t index) {
  Stage& stage = topology_.stages_[index];
  stage.output_width = stage.expansion_width;
  stage.output_shape = stage.expansion_shape;
  for (const Layer& layer : stage.layers) {
    const auto inputs = static_cast<double>(stage.output_width), outputs = static_cast<double>(layer.width);
    stage.binary = layer.kind == LayerKind::binary_conv;
    if (is_conv(layer.kind)) {
      if (stage.output_shape.empty()) {
        refuse(line_of_stage_[index],
               "stage " + quoted(stage.name) + " has a convolution of what is no image",
               "sources CHANNELSxHEIGHTxWIDTH, all of one height and width");
      }
      parameters_ += (9.0 * static_cast<double>(stage.output_shape[0]) + 4) * outputs;
      stage.output_shape = convolved(stage.output_shape, layer.width);
      stage.output_width = values(stage.output_shape);
      continue;
    }
    if (!is_cut(layer.kind)) parameters_ += (inputs + (is_block(layer.kind) ? 4 : 1)) * outputs;
    stage.output_width = layer.width;
    stage.output_shape.clear();
  }
  if (stage.exit && stage.exit->leaves) ++stage.output_width;
}

}  // namespace deepfog
