#pragma once

#include <cstddef>
#include <vector>

namespace deepfog {

/// Arithmetic mean; NaN for no value.
double mean(const std::vector<double>& values);

/// Sample standard deviation (n - 1); 0 for fewer than two values.
double standard_deviation(const std::vector<double>& values);

/// Half width of the 95 % Student-t interval of the mean; NaN for fewer than two values.
double confidence_95(const std::vector<double>& values);

/// 0.975 quantile of Student's t with the given degrees of freedom (>= 1).
double student_t_975(std::size_t degrees_of_freedom);

}  // namespace deepfog
