#pragma once

#include <cmath>
#include <cstdint>

namespace deepfog {

/// The class that a row of scores predicts. Two ways of summing the same products differ in the last digits,
/// so float arithmetic cannot decide if the best two scores are nearly equal: such a row is `close` and is
/// decided again in double precision. Engines that sum in different orders therefore give equal counts.
struct Prediction {
  std::int64_t label = 0;  ///< the largest score, the first of equals
  bool close = false;
};

/// A row is close if the relative distance of its best two scores is below this value, which is about thirty
/// times the rounding error of a float sum over 3072 products.
inline constexpr float kCloseMargin = 1e-4F;

template <typename Real>
Prediction predict(const Real* scores, std::int64_t classes) {
  Prediction prediction;
  Real best = scores[0], second = -INFINITY, largest = std::abs(scores[0]);
  for (std::int64_t c = 1; c < classes; ++c) {
    const Real score = scores[c];
    largest = std::abs(score) > largest ? std::abs(score) : largest;
    if (score > best) {
      second = best;
      best = score;
      prediction.label = c;
    } else if (score > second) {
      second = score;
    }
  }
  prediction.close = classes > 1 && best - second <= Real(kCloseMargin) * largest;
  return prediction;
}

}  // namespace deepfog
