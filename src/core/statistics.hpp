#pragma once

#include <cstddef>
#include <vector>

namespace deepfog {

/// Arithmetic mean; NaN if there are no values.
double mean(const std::vector<double>& values);

/// Sample standard deviation (n - 1); 0 for fewer than two values.
double standard_deviation(const std::vector<double>& values);

/// Half width of the 95 % Student-t interval of the mean; NaN for fewer than two values.
double confidence_95(const std::vector<double>& values);

/// The value below which `share` (in [0, 1]) of the values lie, by linear interpolation between the two
/// neighbours in sorted order, as in numpy.quantile by default (method 7 of Hyndman and Fan, 1996). NaN if
/// there are no values or one of them is NaN. Throws std::invalid_argument for any other share.
double percentile(std::vector<double> values, double share);

/// 0.975 quantile of Student's t with the given degrees of freedom (>= 1).
double student_t_975(std::size_t degrees_of_freedom);

}  // namespace deepfog
