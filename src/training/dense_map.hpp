#pragma once

#include <cstdint>
#include <string>

#include "core/codec.hpp"
#include "kernels/dense_kernels.hpp"
#include "kernels/float_rows.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// How parameters move: the optimiser of a TrainingSpec. Throws UserError when its name is unknown.
class Optimiser {
 public:
  Optimiser(const std::string& name, double learning_rate, double weight_decay);
  OptimiserStep step(std::int64_t number) const;  ///< counted from 1

 private:
  OptimiserStep::Kind kind_;
  double rate_, weight_decay_;
};

/// Memory that dense maps need while they work; one serves all of them.
struct DenseScratch {
  /// @param widest  in or out of any map that input_gradient() is called of
  explicit DenseScratch(std::int64_t widest);
  FloatRows gradient;  ///< of a few rows of weights: gradients are used up at once, never stored whole
  FloatRows turned;    ///< weights as [in / 32][out][32]
};

/// One dense layer, or the trainable map of a hyperconnection (no bias, no relu), with its parameters and
/// what the optimiser remembers of them. Padding past `out` stays zero through every step.
class DenseMap {
 public:
  /// @param weight [out, in]; @param bias [out] or null
  DenseMap(const NamedTensor& weight, const NamedTensor* bias, bool relu);
  bool relu() const { return relu_; }
  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }

  /// y = act(x W^T + b) for `rows` rows; `add`: y += x W^T instead.
  void forward(RowsView x, std::int64_t rows, FloatRows& y, bool add = false) const;

  /// dx = d W: the loss by the input, from the loss by the output before relu.
  void input_gradient(RowsView d, std::int64_t rows, FloatRows& dx, DenseScratch& scratch) const;

  /// One step of the optimiser with the gradients d^T x and the sum of d; last use of the old weights.
  void learn(RowsView x, RowsView d, std::int64_t rows, const Optimiser& optimiser, DenseScratch& scratch);

  /// Back into [out, in] and [out].
  void store(NamedTensor& weight, NamedTensor* bias) const;

  /// Parameters and moments. restore() throws Failure for those of another size.
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
  FloatRows values_, first_, second_;  ///< one row: weights [panel][in][32]
  FloatRows bias_;                     ///< rows: bias, first, second, gradient; undefined: no bias
};

}  // namespace deepfog
