#include "cli/analysis_tables.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/query.hpp"
#include "cli/text_table.hpp"

namespace deepfog {
namespace {

constexpr std::size_t most_cut_sets = 12, most_pairs = 5;

std::string points(const Spread& value, int digits = 2) {
  return fixed(100 * value.mean, digits) +
         (std::isnan(value.ci95) ? "" : " ± " + fixed(100 * value.ci95, digits));
}

/// The value with its sign.
std::string change(const Spread& value) {
  return (value.mean < 0 ? "" : "+") + points(value);
}

std::string percent(double value) {
  return fixed(100 * value, value > 0 && value < 0.001 ? 5 : 2) + " %";
}

/// Indices in descending order of a figure.
std::vector<std::size_t> ranked(const std::vector<Spread>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a].mean > values[b].mean; });
  return order;
}

std::string risk_table(const Query& query, const Summary& a) {
  const std::string tail = fixed(100 * query.tail, 0);
  return "  average accuracy " + points(a.average) + " %, standard deviation over the combinations " +
         points(a.deviation) + "\n  quantiles " + tail + " %: " + points(a.low_quantile) +
         ", 50 %: " + points(a.median) + ", " + fixed(100 - 100 * query.tail, 0) +
         " %: " + points(a.high_quantile) + "; mean of the worst " + tail + " %: " + points(a.worst_mean) +
         "\n  P(accuracy >= " + fixed(100 * query.threshold, 1) + " %) = " + points(a.good_enough) +
         " %, P(nothing flows) = " + percent(a.nothing_flows) + "\n";
}

std::string interval(const Estimate& value, int digits = 2) {
  return fixed(100 * value.low, digits) + " to " + fixed(100 * value.high, digits);
}

/// "standard error 0.120 points from training (10 runs), 0.081 from testing (34319 samples)"
std::string errors(const Estimate& value, std::size_t run_count, std::int64_t samples) {
  const bool runs = !std::isnan(value.training_error), tests = !std::isnan(value.test_error);
  std::string text = "standard error ";
  if (runs)
    text += fixed(100 * value.training_error, 3) + " points from training (" + std::to_string(run_count) +
            " runs)";
  if (tests)
    text += (runs ? ", " : "") + fixed(100 * value.test_error, 3) + (runs ? "" : " points") +
            " from testing (" + std::to_string(samples) + " samples)";
  return text;
}

std::string confidence_line(const Confidence& c) {
  if (!c.samples && c.runs < 2)
    return "  how sure: one run, and the file keeps no bits of the test samples\n";
  return "  95 % interval of the average " + interval(c.average) + " %; " +
         errors(c.average, c.runs, c.test_samples) +
         (c.samples ? (c.runs < 2 ? "; one run: training noise is not known" : "")
                    : "; the file keeps no bits of the test samples: test noise is not known") +
         "\n";
}

std::string cut_set_line(const std::vector<std::string>& nodes, const Summary& a) {
  if (a.cut_sets.empty()) return "  information always flows\n";
  std::string text = "  nothing flows when these have failed:";
  for (std::size_t i = 0; i < std::min(most_cut_sets, a.cut_sets.size()); ++i)
    text += (i == 0 ? " " : "; ") + failed_names(~a.cut_sets[i], nodes);
  if (a.cut_sets.size() > most_cut_sets)
    text += "; and " + std::to_string(a.cut_sets.size() - most_cut_sets) + " larger sets";
  return text + "\n";
}

std::string failures_table(const std::vector<std::string>& nodes, const Summary& a) {
  std::vector<std::vector<std::string>> rows{
      {"failed", "combinations", "probability", "best", "without", "mean", "worst", "without"}};
  for (const FailuresRow& row : a.by_failures) {
    rows.push_back({std::to_string(row.failed), std::to_string(row.combinations), percent(row.chance),
                    fixed(100 * row.best, 2), failed_names(row.best_at, nodes), fixed(100 * row.mean, 2),
                    fixed(100 * row.worst, 2), failed_names(row.worst_at, nodes)});
  }
  return aligned(rows);
}

std::string importance_table(const std::vector<std::string>& nodes, const Query& query, const Summary& a,
                             const Confidence& confidence) {
  const bool sure = confidence.samples || confidence.runs > 1;
  std::vector<std::vector<std::string>> rows{
      {"node", "reliability", "Shapley", "Birnbaum", "if perfect", "if lost"}};
  if (sure) rows[0].push_back("95 % of Shapley");
  if (!confidence.first.empty()) rows[0].push_back("first");
  for (const std::size_t node : ranked(a.shapley)) {
    Spread lost = a.loss[node];
    lost.mean = -lost.mean;
    rows.push_back({nodes[node], fixed(query.reliability[node], 4), points(a.shapley[node]),
                    points(a.birnbaum[node]), change(a.improvement[node]), change(lost)});
    if (sure) rows.back().push_back(interval(confidence.shapley[node]));
    if (!confidence.first.empty()) rows.back().push_back(fixed(100 * confidence.first[node], 0) + " %");
  }
  return aligned(rows);
}

std::string pair_line(const std::vector<std::string>& nodes, const Summary& a) {
  struct Pair {
    std::size_t i, j;
    double value;
  };
  std::vector<Pair> pairs;
  const std::size_t n = nodes.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) pairs.push_back({i, j, a.interactions[i * n + j].mean});
  }
  if (pairs.empty()) return "";
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& x, const Pair& y) { return std::abs(x.value) > std::abs(y.value); });
  std::string text = "  hardening both is worth more (+) or less (-) than each:";
  for (std::size_t k = 0; k < std::min(most_pairs, pairs.size()); ++k) {
    const Pair& pair = pairs[k];
    text += (k == 0 ? " " : "; ") + nodes[pair.i] + " and " + nodes[pair.j] + " " +
            change(a.interactions[pair.i * n + pair.j]);
  }
  return text + "\n";
}

std::string figure(const std::string& name, const Spread& value) {
  return " " + name + "=" + fixed(value.mean, 6) +
         (std::isnan(value.ci95) ? "" : " " + name + "_ci95=" + fixed(value.ci95, 6));
}

std::string known(const std::string& name, double value) {
  return std::isnan(value) ? "" : " " + name + "=" + fixed(value, 6);
}

std::string bounds(const std::string& name, const Estimate& value) {
  return known(name + "_low", value.low) + known(name + "_high", value.high);
}

std::string noise(bool samples, std::size_t runs) {
  return std::string(" noise=") + (!samples ? "runs" : runs < 2 ? "samples" : "both");
}

}  // namespace

std::string analysis_tables(const std::string& heading, const std::vector<std::string>& nodes,
                            const Query& query, const Summary& summary, const Confidence& confidence) {
  return heading + "\n" + risk_table(query, summary) + confidence_line(confidence) +
         cut_set_line(nodes, summary) + failures_table(nodes, summary) +
         importance_table(nodes, query, summary, confidence) + pair_line(nodes, summary);
}

std::string analysis_lines(const std::string& label, const std::vector<std::string>& nodes,
                           const Query& query, const Summary& a, const Confidence& confidence) {
  std::string text = "RESULT analysis=risk " + label + figure("average_accuracy", a.average) +
                     figure("low_quantile", a.low_quantile) + figure("worst_mean", a.worst_mean) +
                     figure("good_enough", a.good_enough) + " nothing_flows=" + fixed(a.nothing_flows, 9) +
                     " cut_sets=" + std::to_string(a.cut_sets.size()) + " runs=" + std::to_string(a.runs) +
                     bounds("average_accuracy", confidence.average) +
                     known("training_error", confidence.average.training_error) +
                     known("test_error", confidence.average.test_error) +
                     noise(confidence.samples, confidence.runs) +
                     (confidence.samples ? " draws=" + std::to_string(confidence.draws) : "") + "\n";
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    text += "RESULT analysis=importance " + label + " node=" + nodes[node] +
            " reliability=" + fixed(query.reliability[node], 6) + figure("shapley", a.shapley[node]) +
            figure("birnbaum", a.birnbaum[node]) + figure("improvement", a.improvement[node]) +
            figure("loss", a.loss[node]) + bounds("shapley", confidence.shapley[node]) +
            bounds("birnbaum", confidence.birnbaum[node]) +
            (confidence.first.empty() ? "" : known("first", confidence.first[node])) + "\n";
  }
  return text;
}

std::string difference_text(const std::string& label, const std::string& against, const std::string& setting,
                            const Confidence& confidence) {
  if (!confidence.difference) return "";
  const Estimate& d = *confidence.difference;
  const bool sure = !std::isnan(d.low);
  const std::string verdict = !sure             ? "one run, nothing can be said"
                              : !d.told_apart() ? "not told apart"
                              : d.mean > 0      ? "better"
                                                : "worse";
  return "  against " + against + ", at the same runs" +
         (confidence.difference_samples ? " and samples: " : ": ") + change({d.mean, std::nan("")}) +
         " points" +
         (sure ? ", 95 % interval " + interval(d) + "; " +
                     errors(d, confidence.difference_runs, confidence.test_samples)
               : "") +
         ": " + verdict + "\nRESULT analysis=difference " + label + " against=" + against +
         " setting=" + setting + " difference=" + fixed(d.mean, 6) + bounds("difference", d) +
         known("training_error", d.training_error) + known("test_error", d.test_error) +
         (sure ? " told_apart=" + std::to_string(d.told_apart() ? 1 : 0) : "") +
         " runs=" + std::to_string(confidence.difference_runs) +
         noise(confidence.difference_samples, confidence.difference_runs) + "\n";
}

}  // namespace deepfog
