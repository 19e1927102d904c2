#include "core/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

namespace deepfog {
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
  if (part == 0) return low;  // also for the largest value, which has no neighbour above
  const double high = *std::min_element(lower + 1, values.end());
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

double student_t_975(std::size_t degrees_of_freedom) {
  if (degrees_of_freedom < 1) throw std::invalid_argument("student_t_975: no degrees of freedom");
  const boost::math::students_t distribution(static_cast<double>(degrees_of_freedom));
  return boost::math::quantile(distribution, 0.975);
}

}  // namespace deepfog
