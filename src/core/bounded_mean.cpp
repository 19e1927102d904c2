#include "core/bounded_mean.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace deepfog {
namespace {

constexpr double kNormal975 = 1.959963984540054;

/// With independent exponential weights E, the mean of points that lie below a top by `deficits` has a
/// deficit of at least d exactly if sum E (d - deficit) <= 0. The saddlepoint of that sum is found with a
/// tilt t > 0: points then have the weights 1 / (t + deficit), and d is their weighted mean.
struct Tilted {
  double deficit = 0;    ///< d
  double deviation = 0;  ///< r*, standard normal: P(deficit of the mean >= d) = its distribution function
};

Tilted tilted(const std::vector<double>& deficits, double tilt) {
  const auto n = static_cast<double>(deficits.size());
  double weights = 0;
  for (const double deficit : deficits) weights += 1 / (tilt + deficit);
  Tilted result{n / weights - tilt, 0};
  const double s = weights / n;
  double exponent = 0,
         curvature = 0;  // minus the cumulant generating function at s; s^2 times its second derivative
  for (const double deficit : deficits) {
    const double rest = s * (tilt + deficit), z = s * (result.deficit - deficit) / rest;
    exponent += std::log(rest);
    curvature += z * z;
  }
  if (exponent < 1e-9) return result;  // so close to the mean that r* loses its digits; it is near 0
  const double w = std::sqrt(2 * exponent), u = std::sqrt(curvature);
  result.deviation = w + std::log(u / w) / w;
  return result;
}

/// The deficit that the weighted mean of all points has or exceeds with probability 0.975.
double likely_deficit(const std::vector<double>& deficits) {
  const double greatest = *std::max_element(deficits.begin(), deficits.end());
  if (!(greatest > 0)) return 0;
  double low = std::log(1e-9 * greatest),
         high = std::log(1e6 * greatest);  // limits of log(tilt); r* decreases in it
  for (int step = 0; step < 26; ++step) {
    const double middle = (low + high) / 2;
    (tilted(deficits, std::exp(middle)).deviation > kNormal975 ? low : high) = middle;
  }
  return tilted(deficits, std::exp(low)).deficit;
}

}  // namespace

double upper_mean_975(const std::vector<double>& observations, double highest) {
  if (observations.empty()) throw std::invalid_argument("a mean's limit without observations");
  const double top = std::max(highest, *std::max_element(observations.begin(), observations.end()));
  std::vector<double> deficits = {top - highest};
  for (const double observation : observations) deficits.push_back(top - observation);
  return top - likely_deficit(deficits);
}

double lower_mean_975(const std::vector<double>& observations, double lowest) {
  std::vector<double> mirrored = observations;
  for (double& value : mirrored) value = -value;
  return -upper_mean_975(mirrored, -lowest);
}

}  // namespace deepfog
