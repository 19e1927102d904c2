#include <algorithm>

#include "core/error.hpp"
#include "partition/cut_node_parts.hpp"

namespace deepfog {
namespace {

/// The work between two checks of incoming messages: about 20 ms on a core.
constexpr std::int64_t kMultiplicationsAtOnce = 600'000'000;
constexpr std::int64_t kFewestNeurons = 32,
                       kNeuronsAlike = 16;  ///< fewer neurons, or other numbers, waste vector lanes

/// The rows and neurons computed at once: all neurons of a few rows, or some neurons of one row. It depends
/// only on the layer and the number of neurons, so that a simulation does the same.
struct Piece {
  std::int64_t rows = 1, neurons = 1;
};
Piece piece_of(const CutLayer& layer, std::int64_t neurons) {
  const std::int64_t rows = kMultiplicationsAtOnce / (layer.multiplications * neurons);
  if (rows > 0) return {rows, neurons};
  const std::int64_t some = kMultiplicationsAtOnce / layer.multiplications / kNeuronsAlike * kNeuronsAlike;
  return {1, std::min(neurons, std::max(kFewestNeurons, some))};
}

}  // namespace

at::Tensor CutNode::Parts::residual(int layer, const float* kept, std::int64_t rows) const {
  if (kept == nullptr) return {};
  const int of = plan.layers[static_cast<std::size_t>(layer)].residual;
  const CutLayer& earlier = plan.layers[static_cast<std::size_t>(of)];
  return images_at(kept, rows, earlier.inputs, earlier.input_shape);
}

/// The channels that are alive, by the flags behind a gathered input. Empty if all are alive, or if none is
/// and so all are zero.
Neurons CutNode::Parts::live_channels(int layer, const float* gathered, std::int64_t rows) const {
  const float* flags = gathered + rows * gathered_width(plan, layer);
  Neurons live;
  for (std::int64_t channel = 0; channel < channels(layer); ++channel) {
    if (flags[channel] != 0) live.push_back(channel);
  }
  if (static_cast<std::int64_t>(live.size()) == channels(layer)) live.clear();
  return live;
}

bool CutNode::Parts::compute(const CutStage& of, const std::vector<const float*>& inputs, std::int64_t rows,
                             std::vector<float>& output, const std::function<void()>& between) const {
  if (inputs[0] == nullptr) return false;
  const CutLayer& layer = plan.layers[static_cast<std::size_t>(of.layer)];
  const Neurons& held = network->held(of.layer);
  const Neurons live = live_channels(of.layer, inputs[0], rows);
  const bool product = of.kind == LayerKind::product, adds = !product && layer.residual >= 0;
  const float* kept = adds ? inputs.back() : nullptr;  // a layer may add its own input
  if (adds && kept == nullptr) throw Failure(node + ", " + layer.name + ": what it adds is missing");
  const std::int64_t read = gathered_width(plan, of.layer),
                     added = adds ? gathered_width(plan, layer.residual) : 0;
  const std::int64_t sent = part_width(plan, partition, of.layer, of.device);
  const auto neurons = static_cast<std::int64_t>(held.size());
  const std::int64_t pixels = sent / neurons;
  const Piece piece = piece_of(layer, neurons);
  output.resize(static_cast<std::size_t>(rows * sent));
  for (std::int64_t row = 0; row < rows; row += piece.rows) {
    const std::int64_t count = std::min(piece.rows, rows - row);
    const at::Tensor gathered = images_at(inputs[0] + row * read, count, layer.inputs, layer.input_shape);
    const at::Tensor kept_rows = residual(of.layer, adds ? kept + row * added : nullptr, count);
    for (std::int64_t first = 0; first < neurons; first += piece.neurons) {
      if (between) between();
      const std::int64_t size = std::min(piece.neurons, neurons - first);
      const Neurons some(held.begin() + first, held.begin() + first + size);
      const at::Tensor result =
          channels_last(product ? network->product(of.layer, gathered, some, live)
                                : network->run(of.layer, gathered, some, live, kept_rows));
      if (result.numel() != count * pixels * size)
        throw Failure(node + ", " + layer.name + ": a part of another size");
      const float* from = result.data_ptr<float>();
      float* to = output.data() + row * sent + first;
      if (size == neurons) {
        std::copy_n(from, count * sent, to);
        continue;
      }
      for (std::int64_t pixel = 0; pixel < count * pixels; ++pixel)
        std::copy_n(from + pixel * size, size, to + pixel * neurons);
    }
  }
  return true;
}

}  // namespace deepfog
