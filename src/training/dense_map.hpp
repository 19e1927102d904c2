#pragma once

#include <cstdint>
#include <string>

#include "core/codec.hpp"
#include "kernels/dense_kernels.hpp"
#include "kernels/float_rows.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// The optimiser of a TrainingSpec. Throws UserError if its name is unknown.
class Optimiser {
 public:
  Optimiser(const std::string& name, double learning_rate, double weight_decay);
  OptimiserStep step(std::int64_t number) const;  ///< `number` starts at 1

 private:
  OptimiserStep::Kind kind_;
  double rate_, weight_decay_;
};

/// Scratch memory of dense maps; one instance serves all of them.
struct DenseScratch {
  /// @param widest  the largest in() or out() of any map whose input_gradient() is called
  explicit DenseScratch(std::int64_t widest);
  FloatRows gradient;  ///< of a few rows of weights: gradients are consumed at once, never stored completely
  FloatRows turned;    ///< transposed weights, [in / 32][out][32]
};

/// One dense layer, or the trainable map of a hyperconnection (without bias and relu), with its parameters
/// and the state of the optimiser. The padding past `out` stays zero in every step.
class DenseMap {
 public:
  /// @param weight [out, in]
  /// @param bias   [out] or null
  DenseMap(const NamedTensor& weight, const NamedTensor* bias, bool relu);
  bool relu() const { return relu_; }
  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }

  /// Computes y = act(x W^T + b) for `rows` rows; if `add`, y += x W^T instead.
  void forward(RowsView x, std::int64_t rows, FloatRows& y, bool add = false) const;

  /// Computes dx = d W, the derivative of the loss by the input, from that by the output before relu.
  void input_gradient(RowsView d, std::int64_t rows, FloatRows& dx, DenseScratch& scratch) const;

  /// Makes one step of the optimiser with the gradients d^T x and the sum of d. The old weights are lost.
  void learn(RowsView x, RowsView d, std::int64_t rows, const Optimiser& optimiser, DenseScratch& scratch);

  /// Copies the parameters back into [out, in] and [out].
  void store(NamedTensor& weight, NamedTensor* bias) const;

  /// Saves or restores parameters and moments. restore() throws Failure if the sizes differ.
  void save(Encoder& encoder) const;
  void restore(Decoder& decoder);

 private:
  /// Calls each(row of memory, floats in use) for the weights, the biases and their moments.
  template <class Each>
  void each_row(const Each& each);
  std::int64_t panels() const { return (out_ + kPanelWidth - 1) / kPanelWidth; }
  float* weights(FloatRows& of, std::int64_t panel) const { return of.data() + panel * in_ * kPanelWidth; }
  const float* weights(std::int64_t panel) const { return values_.data() + panel * in_ * kPanelWidth; }

  std::int64_t in_, out_;
  bool relu_;
  std::int64_t steps_ = 0;
  FloatRows values_, first_, second_;  ///< one row: weights, [panel][in][32]
  FloatRows bias_;  ///< rows: bias, first and second moment, gradient; undefined if there is no bias
};

}  // namespace deepfog
