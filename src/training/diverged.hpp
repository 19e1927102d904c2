#pragma once

#include <string>

#include "core/error.hpp"

namespace deepfog {

/// A training whose loss stops being finite. It fails again however often it is repeated.
class Diverged : public Failure {
 public:
  explicit Diverged(double loss)
      : Failure("training diverged: the loss is " + std::to_string(loss) + "; lower learning_rate") {}
};

}  // namespace deepfog
