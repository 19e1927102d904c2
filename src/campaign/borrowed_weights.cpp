#include "campaign/borrowed_weights.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

/// What decides a stage's tensors, in words.
std::string tensors_of(const Topology& topology, const Stage& stage) {
  std::string text = "stage " + stage.name + " on node " + topology.nodes()[stage.node].name + " with " +
                     std::to_string(stage.expansion_width) + " inputs, layers of";
  for (const Layer& layer : stage.layers) text += " " + std::to_string(layer.width);
  for (const int number : stage.incoming) {
    const Hyperconnection& link = topology.hyperconnections()[number];
    if (link.expansion == Expansion::linear)
      text += ", a map of " + std::to_string(link.width) + " from " + topology.vertex_name(link.from);
  }
  return text + (stage.exit && stage.exit->leaves ? ", a threshold" : "");
}

bool same_layers(const Stage& one, const Stage& other) {
  const auto same = [](const Layer& a, const Layer& b) { return a.kind == b.kind && a.width == b.width; };
  return one.expansion_shape == other.expansion_shape && one.output_shape == other.output_shape &&
         std::equal(one.layers.begin(), one.layers.end(), other.layers.begin(), other.layers.end(), same);
}

/// Empty when both networks have the same tensors in the same order.
std::string difference(const Topology& mine, const Topology& theirs) {
  for (std::size_t s = 0; s < std::max(mine.stages().size(), theirs.stages().size()); ++s) {
    const bool both = s < mine.stages().size() && s < theirs.stages().size();
    const std::string here = s < mine.stages().size() ? tensors_of(mine, mine.stages()[s]) : "no more stages";
    const std::string there =
        s < theirs.stages().size() ? tensors_of(theirs, theirs.stages()[s]) : "no more stages";
    if (here != there) return here + ", there " + there;
    if (both && !same_layers(mine.stages()[s], theirs.stages()[s])) return here + ", there of other kinds";
  }
  return "";
}

}  // namespace

std::vector<std::int32_t> models_on_weights_of(const ExperimentSpec& experiment, const std::string& trained) {
  std::vector<std::int32_t> found;
  for (std::size_t m = 0; m < experiment.models.size(); ++m) {
    if (experiment.models[m].weights_of == trained) found.push_back(static_cast<std::int32_t>(m));
  }
  return found;
}

const ModelSpec& owner_of_weights(const ExperimentSpec& experiment, const ModelSpec& model,
                                  const std::string& where) {
  std::vector<std::string> trained;
  for (const ModelSpec& other : experiment.models) {
    if (!other.weights_of.empty()) continue;
    if (other.name == model.weights_of) return other;
    trained.push_back(other.name);
  }
  throw UserError(where, "weights_of = " + model.weights_of + " is no model that is trained",
                  trained.empty() ? "one model at least without weights_of" : listing(trained));
}

void check_weights_of(const ExperimentSpec& experiment, const ModelSpec& model, const std::string& where) {
  if (model.weights_of.empty()) return;
  const ModelSpec& owner = owner_of_weights(experiment, model, where);
  const std::string unlike = difference(model.topology, owner.topology);
  if (!unlike.empty()) {
    throw UserError(where, "weights_of = " + owner.name + " does not fit: " + unlike,
                    "the same tensors in the same order");
  }
}

}  // namespace deepfog
