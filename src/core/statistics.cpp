#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

namespace deepfog {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// P(|T| <= t) for a whole number of degrees of freedom: the finite sums of Abramowitz and Stegun 26.7.3
/// (odd) and 26.7.4 (even).
double central_probability(double t, std::size_t degrees) {
  const double v = static_cast<double>(degrees);
  const double sine = t / std::sqrt(v + t * t);
  const double cosine_squared = v / (v + t * t);
  const bool odd = degrees % 2 == 1;
  double term = odd ? std::sqrt(cosine_squared) : 1.0;
  double sum = degrees == 1 ? 0.0 : term;
  for (std::size_t k = odd ? 3 : 2; k + 2 <= degrees; k += 2) {
    term *= cosine_squared * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  return odd ? 2.0 / kPi * (std::atan(t / std::sqrt(v)) + sine * sum) : sine * sum;
}

/// Abramowitz and Stegun 26.7.5: the quantile as an expansion in 1/v around the normal quantile. Better than
/// 1e-9 from v = 100.
double expanded_quantile(double v) {
  const double x = 1.959963984540054;
  const double x2 = x * x;
  const double g1 = x * (x2 + 1) / 4;
  const double g2 = x * ((5 * x2 + 16) * x2 + 3) / 96;
  const double g3 = x * (((3 * x2 + 19) * x2 + 17) * x2 - 15) / 384;
  const double g4 = x * ((((79 * x2 + 776) * x2 + 1482) * x2 - 1920) * x2 - 945) / 92160;
  return x + (g1 + (g2 + (g3 + g4 / v) / v) / v) / v;
}

}  // namespace

double mean(const std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double standard_deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double confidence_95(const std::vector<double>& values) {
  if (values.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double standard_error = standard_deviation(values) / std::sqrt(static_cast<double>(values.size()));
  return student_t_975(values.size() - 1) * standard_error;
}

double percentile(std::vector<double> values, double share) {
  if (!(share >= 0 && share <= 1)) throw std::invalid_argument("percentile: share outside 0 to 1");
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (values.empty() || std::any_of(values.begin(), values.end(), is_nan)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(place);
  const auto lower = values.begin() + below;
  std::nth_element(values.begin(), lower, values.end());
  const double low = *lower, part = place - static_cast<double>(below);
  if (part == 0) return low;  // also the largest of all, which has none above it
  const double high = *std::min_element(lower + 1, values.end());
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

double student_t_975(std::size_t degrees_of_freedom) {
  if (degrees_of_freedom < 1) throw std::invalid_argument("student_t_975: no degrees of freedom");
  if (degrees_of_freedom >= 100) return expanded_quantile(static_cast<double>(degrees_of_freedom));
  double low = 1.9, high = 13.0;  // the quantile falls from 12.706 (1) to 1.960 (infinity)
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (central_probability(middle, degrees_of_freedom) < 0.95 ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace deepfog
