#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/sample_table.hpp"

namespace deepfog {

/// A figure with the noise of training (other runs) and of testing (other samples) told apart.
struct Estimate {
  double mean = 0;
  double low = 0, high = 0;   ///< 95 % interval over both; NaN where nothing can be said
  double training_error = 0;  ///< standard error over the runs alone; NaN for one run
  double test_error = 0;      ///< standard error over the samples alone; NaN where no samples are kept
  std::vector<double> draws;  ///< of the bootstrap over both; the same draw in the same place of all figures

  /// Whether the interval leaves out 0.
  bool told_apart() const { return low > 0 || high < 0; }
};

/// A figure that is linear in what every sample got: the sum over its terms of a table's outcomes times
/// `weights` ([rows + 1], SampleTable::by_row). Two terms with opposite weights are a paired difference.
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

/// Draws runs and samples with replacement, each by themselves (the pigeonhole bootstrap: Owen, The
/// pigeonhole bootstrap, Annals of Applied Statistics 1(2), 2007), the same ones for all figures. The
/// interval reaches from the 2.5 to the 97.5 % quantile of the draws, stretched to the standard error of two
/// crossed noises and from the normal quantile to Student's t with Satterthwaite's degrees of freedom: of few
/// runs the quantiles alone are too narrow, of much noise in single answers too wide. One run: over the
/// samples alone. The same numbers on every machine.
/// @param tables  of the same runs and samples, else std::invalid_argument
std::vector<Estimate> estimates(const std::vector<SampleTable>& tables, const std::vector<Figure>& figures,
                                const Bootstrap& bootstrap = {});

/// Of one value a run, where no samples are kept: Student's t over the runs alone.
Estimate estimate_of_runs(const std::vector<double>& values);

/// Draws that keep the work within some seconds: fewer where there are many outcomes.
int affordable_draws(const std::vector<SampleTable>& tables, int wanted = 2000);

/// Of some figures, the share of the draws in which each is the largest; equal ones share a draw.
std::vector<double> first_shares(const std::vector<Estimate>& figures);

}  // namespace deepfog
