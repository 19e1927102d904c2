#include "analysis/uncertainty.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "analysis/sample_draw.hpp"
#include "core/seed.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

void check(const std::vector<SampleTable>& tables, const std::vector<Figure>& figures) {
  for (const SampleTable& table : tables) {
    if (table.runs.empty() || table.runs != tables.front().runs || table.samples != tables.front().samples)
      throw std::invalid_argument("tables of the same runs and samples");
  }
  for (const Figure& figure : figures) {
    for (const Figure::Term& term : figure.terms) {
      if (term.weights.size() != static_cast<std::size_t>(tables.at(term.table).rows) + 1)
        throw std::invalid_argument("a weight for every outcome");
    }
  }
}

/// Hits of each run and row of a table, [runs][rows + 1]; the first entry is the number expected if nothing
/// flows.
using Counts = std::vector<std::vector<double>>;

double value(const Figure& figure, const std::vector<std::vector<double>>& by_table, double samples) {
  double sum = 0;
  for (const Figure::Term& term : figure.terms)
    sum += std::inner_product(term.weights.begin(), term.weights.end(), by_table[term.table].begin(), 0.0);
  return sum / samples;
}

/// Weighted sum of the counts over the runs.
std::vector<double> mixed(const Counts& counts, const std::vector<double>& of_run) {
  std::vector<double> sum(counts.front().size());
  for (std::size_t run = 0; run < counts.size(); ++run) {
    if (of_run[run] == 0) continue;
    for (std::size_t row = 0; row < sum.size(); ++row) sum[row] += of_run[run] * counts[run][row];
  }
  return sum;
}

/// All draws of the figures.
struct Drawn {
  std::vector<std::vector<double>> both, samples;  ///< [figures][draws]; `samples` does not draw runs
};

Drawn draw_all(const std::vector<SampleTable>& tables, const std::vector<Figure>& figures,
               const Bootstrap& bootstrap) {
  const std::size_t runs = tables.front().runs.size();
  const auto size = static_cast<double>(tables.front().samples);
  const std::vector<double> alike(runs, 1.0 / static_cast<double>(runs));
  RandomStream run_stream(derive_seed(bootstrap.seed, "", "", 0, "bootstrap runs"));
  SampleDraw draw(tables.front().samples, derive_seed(bootstrap.seed, "", "", 0, "bootstrap samples"));
  Drawn drawn;
  drawn.both.resize(figures.size());
  drawn.samples.resize(figures.size());
  std::vector<std::vector<double>> both(tables.size()), samples(tables.size());
  Counts counts(runs);
  for (int d = 0; d < bootstrap.draws; ++d) {
    std::vector<double> of_run(runs);
    for (std::size_t i = 0; i < runs; ++i) of_run[run_stream.below(runs)] += 1.0 / static_cast<double>(runs);
    draw.next();
    for (std::size_t t = 0; t < tables.size(); ++t) {
      for (std::size_t run = 0; run < runs; ++run) draw.count(tables[t], run, counts[run]);
      both[t] = mixed(counts, of_run);
      samples[t] = mixed(counts, alike);
    }
    for (std::size_t f = 0; f < figures.size(); ++f) {
      drawn.both[f].push_back(value(figures[f], both, size));
      drawn.samples[f].push_back(value(figures[f], samples, size));
    }
  }
  return drawn;
}

/// 0.975 quantile for fractional degrees of freedom, interpolated linearly in their inverse.
double student_t(double degrees) {
  const double below = std::floor(degrees), part = (1 / below - 1 / degrees) / (1 / below - 1 / (below + 1));
  const auto whole = static_cast<std::size_t>(below);
  return (1 - part) * student_t_975(whole) + part * student_t_975(whole + 1);
}

/// The factor by which the interval must be wider than the quantiles of the draws. The draws contain only (n
/// - 1) / n of the two noises, and three times the part that neither run nor sample accounts for, which is in
/// both standard errors as well (Owen, section 4). The rest of the draws' variance determines that part.
double stretch(double training_error, double test_error, std::size_t runs, std::int64_t samples,
               double drawn_error) {
  const double r = runs > 1 ? training_error * training_error : 0, s = test_error * test_error,
               drawn = drawn_error * drawn_error;
  if (!(r + s > 0 && drawn > 0)) return 1;
  const auto n = static_cast<double>(std::max<std::size_t>(runs, 2)),
             m = static_cast<double>(std::max<std::int64_t>(samples, 2));
  const double both = runs > 1 ? std::max(0.0, drawn - r * (n - 1) / n - s * (m - 1) / m) : 0;
  const double variance = std::max({r, s, r + s - both * n / (n - 1) * m / (m - 1)});
  const double degrees = variance * variance / (r * r / (n - 1) + s * s / (m - 1));
  return student_t(std::max(1.0, degrees)) / 1.959963984540054 * std::sqrt(variance / drawn);
}

}  // namespace

std::vector<Estimate> estimates(const std::vector<SampleTable>& tables, const std::vector<Figure>& figures,
                                const Bootstrap& bootstrap) {
  if (tables.empty() || figures.empty()) return {};
  check(tables, figures);
  const std::size_t runs = tables.front().runs.size();
  const std::int64_t samples = tables.front().samples;
  const auto size = static_cast<double>(samples);
  SampleDraw each(samples, 0);  // every sample once
  std::vector<Counts> counts(tables.size(), Counts(runs));
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (std::size_t run = 0; run < runs; ++run) each.count(tables[t], run, counts[t][run]);
  }
  Drawn drawn = draw_all(tables, figures, bootstrap);
  std::vector<Estimate> all;
  for (std::size_t f = 0; f < figures.size(); ++f) {
    std::vector<double> of_runs;
    for (std::size_t run = 0; run < runs; ++run) {
      std::vector<std::vector<double>> by_table;
      for (const Counts& of : counts) by_table.push_back(of[run]);
      of_runs.push_back(value(figures[f], by_table, size));
    }
    Estimate one;
    one.mean = mean(of_runs);
    one.training_error =
        runs > 1 ? standard_deviation(of_runs) / std::sqrt(static_cast<double>(runs)) : nothing;
    one.test_error =
        samples > 1 ? standard_deviation(drawn.samples[f]) * std::sqrt(size / (size - 1)) : nothing;
    one.draws = std::move(drawn.both[f]);
    const double wider = stretch(one.training_error, samples > 1 ? one.test_error : 0, runs, samples,
                                 standard_deviation(one.draws));
    one.low = one.mean + wider * (percentile(one.draws, 0.025) - one.mean);
    one.high = one.mean + wider * (percentile(one.draws, 0.975) - one.mean);
    all.push_back(std::move(one));
  }
  return all;
}

Estimate estimate_of_runs(const std::vector<double>& values) {
  Estimate one;
  one.mean = mean(values);
  const double half = confidence_95(values);
  one.low = one.mean - half;
  one.high = one.mean + half;
  one.training_error = values.size() > 1
                           ? standard_deviation(values) / std::sqrt(static_cast<double>(values.size()))
                           : nothing;
  one.test_error = nothing;
  return one;
}

int affordable_draws(const std::vector<SampleTable>& tables, int wanted) {
  constexpr double most = 2e10;  // bytes of sample hits that are read
  double bytes = 1;
  for (const SampleTable& table : tables) bytes += static_cast<double>(table.bits.size());
  return std::max(200, static_cast<int>(std::min<double>(wanted, most / bytes)));
}

std::vector<double> first_shares(const std::vector<Estimate>& figures) {
  std::vector<double> shares(figures.size());
  const std::size_t draws = figures.empty() ? 0 : figures.front().draws.size();
  for (std::size_t d = 0; d < draws; ++d) {
    double most = -std::numeric_limits<double>::infinity();
    for (const Estimate& one : figures) most = std::max(most, one.draws[d]);
    const auto ties = static_cast<double>(std::count_if(
        figures.begin(), figures.end(), [&](const Estimate& one) { return one.draws[d] == most; }));
    for (std::size_t f = 0; f < figures.size(); ++f)
      shares[f] += figures[f].draws[d] == most ? 1 / ties / static_cast<double>(draws) : 0;
  }
  return shares;
}

}  // namespace deepfog
