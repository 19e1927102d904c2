#pragma once

#include <cstdint>
#include <string>

#include "topology/topology.hpp"

namespace deepfog {

/// What stands between two layers: a vector of that width, which is an image where it has a shape.
struct VectorSize {
  std::int64_t width = 0;
  Shape shape{};
};

/// The vector of an image.
VectorSize size_of(const Shape& shape);

/// Why a layer cannot read such a vector: what it wants instead, or nothing where it can.
std::string wanted_by(const Layer& layer, const VectorSize& inputs);

/// What a layer makes of a vector that it can read.
VectorSize behind(const Layer& layer, const VectorSize& inputs);

/// What is learnt and kept, and what is computed for one sample. Biases and batch norm are parameters, but no
/// multiply-adds.
struct StageCost {
  std::int64_t parameters = 0;
  std::int64_t kept = 0;  ///< with the parameters: the running figures of batch norm, an exit's threshold
  double multiply_adds = 0;
};
StageCost cost_of(const Layer& layer, const VectorSize& inputs);

}  // namespace deepfog
