#pragma once

#include <vector>

namespace deepfog {

/// Upper 97.5 % confidence limit of the mean of a variable that is never above `highest`, from at least one
/// independent observation: Gaffke's limit, which is the 0.975 quantile of the mean of the observations and
/// `highest` under random weights (a Dirichlet distribution with all parameters 1). For observations of 0 and
/// 1 this is the limit of Clopper and Pearson; for many observations of any kind it is that of the normal
/// distribution; for n equal observations it lies 3.7/n of the way to `highest` (the "rule of three"). The
/// quantile is computed by the saddlepoint approximation r*, to within some thousandths of the distance to
/// the mean. An interval between both limits has at least 95 % confidence (Learned-Miller and Thomas, 2019:
/// no exception is known).
double upper_mean_975(const std::vector<double>& observations, double highest);

/// The lower limit, for a variable that is never below `lowest`.
double lower_mean_975(const std::vector<double>& observations, double lowest);

}  // namespace deepfog
