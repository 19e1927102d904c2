#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/sample_table.hpp"

namespace deepfog {

/// A figure with the noise of training (between runs) and of testing (between samples) separated.
struct Estimate {
  double mean = 0;
  double low = 0, high = 0;   ///< 95 % interval over both; NaN if it cannot be estimated
  double training_error = 0;  ///< standard error over the runs alone; NaN for one run
  double test_error = 0;      ///< standard error over the samples alone; NaN without sample hits
  std::vector<double> draws;  ///< of the bootstrap over both; the same index is the same draw in all figures

  /// Whether the interval excludes 0.
  bool told_apart() const { return low > 0 || high < 0; }
};

/// A figure that is linear in the sample hits: the sum over its terms of a table's outcomes times `weights`
/// ([rows + 1], SampleTable::by_row). Two terms with opposite weights are a paired difference.
struct Figure {
  struct Term {
    std::size_t table;
    std::vector<double> weights;
  };
  std::vector<Term> terms;
};

struct Bootstrap {
  int draws = 2000;
  std::uint64_t seed = 1;
};

/// Draws runs and samples with replacement, independently of each other (the pigeonhole bootstrap: Owen, The
/// pigeonhole bootstrap, Annals of Applied Statistics 1(2), 2007), with the same draws for all figures. The
/// interval reaches from the 2.5 to the 97.5 % quantile of the draws. It is rescaled to the standard error of
/// two crossed noises, and from the normal quantile to Student's t with Satterthwaite's degrees of freedom:
/// the quantiles alone are too narrow for few runs and too wide if single answers are noisy. For one run,
/// only samples are drawn. The numbers are the same on every machine.
/// @param tables  of the same runs and samples, otherwise throws std::invalid_argument
std::vector<Estimate> estimates(const std::vector<SampleTable>& tables, const std::vector<Figure>& figures,
                                const Bootstrap& bootstrap = {});

/// For one value per run, without sample hits: Student's t over the runs alone.
Estimate estimate_of_runs(const std::vector<double>& values);

/// Number of draws that keeps the work within seconds: fewer if there are many outcomes.
int affordable_draws(const std::vector<SampleTable>& tables, int wanted = 2000);

/// The share of the draws in which each figure is the largest; equal figures divide a draw between them.
std::vector<double> first_shares(const std::vector<Estimate>& figures);

}  // namespace deepfog
