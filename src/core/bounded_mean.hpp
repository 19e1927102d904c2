#pragma once

#include <vector>

namespace deepfog {

/// Upper 97.5 % confidence limit of the mean of a variable that is never above `highest`, from independent
/// observations (at least one): Gaffke's limit, the 0.975 quantile of the mean of the observations and
/// `highest` under random weights (a Dirichlet distribution with all parameters 1). For observations of 0 and
/// 1 this is the limit of Clopper and Pearson; for many observations of any kind that of the normal
/// distribution; for n equal observations it is 3.7/n of the way to `highest` (the "rule of three"). The
/// quantile comes from the saddlepoint approximation r*, within some thousandths of the distance to the mean.
/// With both limits an interval has at least 95 % confidence (Learned-Miller and Thomas, 2019: no exception
/// is known).
double upper_mean_975(const std::vector<double>& observations, double highest);

/// The lower limit, for a variable that is never below `lowest`.
double lower_mean_975(const std::vector<double>& observations, double lowest);

}  // namespace deepfog
