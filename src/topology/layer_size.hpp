#pragma once

#include <cstdint>
#include <string>

#include "topology/topology.hpp"

namespace deepfog {

/// What one layer passes to the next: a vector of that width, which is an image if it has a shape.
struct VectorSize {
  std::int64_t width = 0;
  Shape shape{};
};

/// The size of an image as a vector.
VectorSize size_of(const Shape& shape);

/// The input that a layer needs ("images", "series") if it cannot read such a vector; empty if it can.
std::string wanted_by(const Layer& layer, const VectorSize& inputs);

/// The output size of a layer for an input that it can read.
VectorSize behind(const Layer& layer, const VectorSize& inputs);

/// The cost of a layer or stage: what is learnt and stored, and what is computed per sample. Biases and batch
/// norm count as parameters, but not as multiply-adds.
struct StageCost {
  std::int64_t parameters = 0;
  std::int64_t kept = 0;  ///< stored as well: running statistics of batch norm, the threshold of an exit
  double multiply_adds = 0;
};
StageCost cost_of(const Layer& layer, const VectorSize& inputs);

}  // namespace deepfog
