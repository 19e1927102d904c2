#pragma once

#include <string>

#include "core/error.hpp"

namespace deepfog {

/// A training whose loss is no longer finite. Repeating it would fail again.
class Diverged : public Failure {
 public:
  explicit Diverged(double loss)
      : Failure("training diverged: the loss is " + std::to_string(loss) + "; lower learning_rate") {}
};

}  // namespace deepfog
