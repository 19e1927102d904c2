#include "models/stage_network.hpp"

#include <cmath>

#include "core/error.hpp"
#include "models/exit_rows.hpp"
#include "topology/layer_size.hpp"

namespace deepfog {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

const Shape& shape_of(const Topology& topology, int vertex) {
  if (topology.is_source(vertex)) return topology.sources()[static_cast<std::size_t>(vertex)].shape;
  return topology.stages()[static_cast<std::size_t>(topology.stage_of(vertex))].output_shape;
}

}  // namespace

Weights weights_of(const std::vector<Parameter>& parameters) {
  Weights weights;
  for (const Parameter& parameter : parameters) {
    const torch::Tensor tensor = parameter.tensor.detach().cpu().contiguous();
    const float* values = tensor.data_ptr<float>();
    weights.push_back({parameter.node, parameter.name, tensor.sizes().vec(),
                       std::vector<float>(values, values + tensor.numel())});
  }
  return weights;
}

void load_into(std::vector<Parameter>& parameters, const Weights& weights, const std::string& where) {
  const std::vector<std::string> wrong = mismatches(weights_of(parameters), weights);
  if (!wrong.empty()) throw UserError(where, "weights do not fit the topology: " + joined(wrong));
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const torch::Tensor source =
        torch::from_blob(const_cast<float*>(weights[i].values.data()), weights[i].shape, torch::kFloat32);
    parameters[i].tensor.copy_(source);
  }
}

StageNetwork::StageNetwork(const Topology& topology, int stage) {
  refuse_cut(topology, topology.name());
  const Stage& what = topology.stages().at(static_cast<std::size_t>(stage));
  aggregation_ = what.aggregation;
  partial_ = what.partial && aggregation_ != Aggregation::gate && aggregation_ != Aggregation::answers;
  output_width_ = what.output_width;
  for (const int link : what.incoming) {
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(link)];
    Arrival arrival;
    arrival.weight = h.weight;
    if (h.expansion == Expansion::linear) {
      const std::string name = "from_" + topology.vertex_name(h.from) + ".weight";
      arrival.map = add_parameter(topology, what, {name, torch::zeros({what.expansion_width, h.width})});
    } else if (h.expansion == Expansion::pool) {
      arrival.image = shape_of(topology, h.from);
      arrival.to = {arrival.image[0], what.expansion_shape[1], what.expansion_shape[2]};
      arrival.padding = what.expansion_width - size_of(arrival.to).width;
    } else {
      arrival.padding = what.expansion_width - h.width;
    }
    arrivals_.push_back(arrival);
    widths_.push_back(h.width);
    verdicts_.push_back(h.verdict);
    const bool last = topology.is_source(h.from) && topology.sources()[h.from].channels_last;
    channels_last_.push_back(last ? topology.sources()[h.from].shape : Shape{});
    reorders_ = reorders_ || last;
  }
  VectorSize size{what.expansion_width, what.expansion_shape};
  for (std::size_t l = 0; l < what.layers.size(); ++l) {
    const Layer& layer = what.layers[l];
    layers_.emplace_back(layer, size.width, size.shape);
    for (const LayerTensor& tensor : layers_.back().tensors()) {
      const std::string name = "layer" + std::to_string(l + 1) + "." + tensor.name;
      add_parameter(topology, what, {name, tensor.tensor, tensor.learnt});
    }
    size = behind(layer, size);
  }
  if (!what.exit || !what.exit->leaves) return;
  last_exit_ = stage == topology.exits().back();
  threshold_ = add_parameter(topology, what, {"threshold", torch::full({1}, what.exit->threshold), false});
}

torch::Tensor StageNetwork::add_parameter(const Topology& topology, const Stage& stage,
                                          const LayerTensor& tensor) {
  const std::string& node = topology.nodes()[static_cast<std::size_t>(stage.node)].name;
  parameters_.push_back({node, stage.name + "." + tensor.name, tensor.tensor, tensor.learnt});
  return tensor.tensor;
}

void StageNetwork::initialise(RandomStream& stream) {
  torch::NoGradGuard no_grad;
  for (Arrival& arrival : arrivals_) {
    if (arrival.map.defined()) fill_glorot(arrival.map, stream);
  }
  for (StageLayer& layer : layers_) layer.initialise(stream);
}

void StageNetwork::clip() {
  torch::NoGradGuard no_grad;
  for (StageLayer& layer : layers_) layer.clip();
}

double StageNetwork::threshold() const {
  return threshold_.defined() ? threshold_.item<double>() : std::nan("");
}

void StageNetwork::set_threshold(double threshold) {
  TORCH_INTERNAL_ASSERT(threshold_.defined());
  threshold_.fill_(threshold);
}

torch::Tensor StageNetwork::Arrival::expand(const torch::Tensor& vector) const {
  torch::Tensor x = weight == 1.0 ? vector : vector * weight;
  if (map.defined()) return product(x, map, {});
  if (!image.empty()) {
    const torch::Tensor images = x.reshape({x.size(0), image[0], image[1], image[2]});
    x = torch::avg_pool2d(images, {image[1] / to[1], image[2] / to[2]}).flatten(1);
  }
  return padding == 0 ? x : torch::constant_pad_nd(x, {0, padding});
}

torch::Tensor StageNetwork::sum(c10::ArrayRef<torch::Tensor> inputs, StageMode mode) const {
  torch::Tensor sum, live_of_row;  // undefined is Φ
  double live = 0;
  const bool rescales = aggregation_ == Aggregation::rescale, by_row = partial_ && mode.leaving;
  for (std::size_t i = 0; i < arrivals_.size(); ++i) {
    if (!inputs[i].defined()) continue;
    torch::Tensor x = arrivals_[i].expand(inputs[i]);
    // A row may be absent in this input and present in another one.
    if (by_row) {
      const torch::Tensor here = present(x);
      const torch::Tensor weight = here.to(torch::kFloat64) * std::abs(arrivals_[i].weight);
      live_of_row = live_of_row.defined() ? live_of_row + weight : weight;
      x = x.masked_fill(here.logical_not().unsqueeze(1), 0);
    }
    live += std::abs(arrivals_[i].weight);
    sum = sum.defined() ? sum + x : x;
  }
  if (!rescales || !sum.defined()) return sum;
  const double all = weight_of_all();
  if (by_row) return sum * (all / live_of_row).to(sum.scalar_type()).unsqueeze(1);
  return live == all ? sum : sum * (all / live);
}

/// Adds the weights in the order of sum(), so that the result is exactly equal if all inputs are present.
double StageNetwork::weight_of_all() const {
  double all = 0;
  for (const Arrival& arrival : arrivals_) all += std::abs(arrival.weight);
  return all;
}

std::vector<torch::Tensor> StageNetwork::channels_first(c10::ArrayRef<torch::Tensor> inputs) const {
  std::vector<torch::Tensor> ordered(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const Shape& shape = channels_last_[i];
    if (shape.empty() || !ordered[i].defined()) continue;
    const torch::Tensor images = ordered[i].reshape({-1, shape[1], shape[2], shape[0]});
    ordered[i] = images.permute({0, 3, 1, 2}).flatten(1);
  }
  return ordered;
}

torch::Tensor StageNetwork::gather(c10::ArrayRef<torch::Tensor> inputs, StageMode mode) const {
  if (is_sum(aggregation_)) return sum(inputs, mode);
  if (aggregation_ == Aggregation::answers) return answers(inputs);
  if (aggregation_ != Aggregation::gate)
    return aggregate(aggregation_, inputs, widths_, partial_ && mode.leaving);
  torch::Tensor x;
  std::vector<torch::Tensor> verdicts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (verdicts_[i]) {
      verdicts.push_back(inputs[i]);
    } else {
      x = inputs[i];
    }
  }
  return mode.leaving ? gate(x, verdicts) : x;
}

torch::Tensor StageNetwork::through_layers(torch::Tensor x, const std::function<void()>& between,
                                           StageMode mode) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (l > 0 && between) between();
    x = layers_[l].forward(x, mode.training, mode.dropout);
  }
  if (!threshold_.defined() || !mode.leaving) return x;
  return with_verdict(x, last_exit_ ? 2.0 : threshold_.item<double>());  // the last exit accepts every row
}

/// Computes the rows that at least one input has as if they were the whole batch.
torch::Tensor StageNetwork::present_rows(c10::ArrayRef<torch::Tensor> inputs,
                                         const std::function<void()>& between, StageMode mode) const {
  torch::Tensor here;
  torch::TensorOptions alike;
  for (const torch::Tensor& x : inputs) {
    if (!x.defined()) continue;
    here = here.defined() ? here.logical_or(present(x)) : present(x);
    alike = x.options();
  }
  if (!here.defined()) return {};
  const torch::Tensor rows = here.nonzero().squeeze(1);
  torch::Tensor whole = torch::full({here.size(0), output_width_}, std::nan(""), alike);
  if (rows.size(0) == 0) return whole;
  std::vector<torch::Tensor> shorter;
  for (const torch::Tensor& x : inputs)
    shorter.push_back(x.defined() ? x.index_select(0, rows) : torch::Tensor());
  return whole.index_copy_(0, rows, through_layers(gather(shorter, mode), between, mode));
}

torch::Tensor StageNetwork::forward(c10::ArrayRef<torch::Tensor> inputs, const std::function<void()>& between,
                                    StageMode mode) const {
  TORCH_INTERNAL_ASSERT(inputs.size() == arrivals_.size());
  std::vector<torch::Tensor> ordered;
  if (reorders_) inputs = ordered = channels_first(inputs);
  if (partial_ && mode.leaving) return present_rows(inputs, between, mode);
  torch::Tensor x = gather(inputs, mode);
  if (!x.defined()) return x;
  return through_layers(x, between, mode);
}

}  // namespace deepfog
