#include "cli/analysis_tables.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/question.hpp"
#include "cli/text_table.hpp"

namespace deepfog {
namespace {

constexpr std::size_t most_cut_sets = 12, most_pairs = 5;

std::string points(const Spread& value, int digits = 2) {
  return fixed(100 * value.mean, digits) +
         (std::isnan(value.ci95) ? "" : " ± " + fixed(100 * value.ci95, digits));
}

/// With its sign.
std::string change(const Spread& value) {
  return (value.mean < 0 ? "" : "+") + points(value);
}

std::string percent(double value) {
  return fixed(100 * value, value > 0 && value < 0.001 ? 5 : 2) + " %";
}

/// Places by a figure, the largest first.
std::vector<std::size_t> ranked(const std::vector<Spread>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a].mean > values[b].mean; });
  return order;
}

std::string risk_table(const Question& question, const Answers& a) {
  const std::string tail = fixed(100 * question.tail, 0);
  return "  average accuracy " + points(a.average) + " %, standard deviation over the combinations " +
         points(a.deviation) + "\n  quantiles " + tail + " %: " + points(a.low_quantile) +
         ", 50 %: " + points(a.median) + ", " + fixed(100 - 100 * question.tail, 0) +
         " %: " + points(a.high_quantile) + "; mean of the worst " + tail + " %: " + points(a.worst_mean) +
         "\n  P(accuracy >= " + fixed(100 * question.threshold, 1) + " %) = " + points(a.good_enough) +
         " %, P(nothing flows) = " + percent(a.nothing_flows) + "\n";
}

std::string cut_set_line(const std::vector<std::string>& nodes, const Answers& a) {
  if (a.cut_sets.empty()) return "  information always flows\n";
  std::string text = "  nothing flows when these have failed:";
  for (std::size_t i = 0; i < std::min(most_cut_sets, a.cut_sets.size()); ++i)
    text += (i == 0 ? " " : "; ") + failed_names(~a.cut_sets[i], nodes);
  if (a.cut_sets.size() > most_cut_sets)
    text += "; and " + std::to_string(a.cut_sets.size() - most_cut_sets) + " larger sets";
  return text + "\n";
}

std::string failures_table(const std::vector<std::string>& nodes, const Answers& a) {
  std::vector<std::vector<std::string>> rows{
      {"failed", "combinations", "probability", "best", "without", "mean", "worst", "without"}};
  for (const FailuresRow& row : a.by_failures) {
    rows.push_back({std::to_string(row.failed), std::to_string(row.combinations), percent(row.chance),
                    fixed(100 * row.best, 2), failed_names(row.best_at, nodes), fixed(100 * row.mean, 2),
                    fixed(100 * row.worst, 2), failed_names(row.worst_at, nodes)});
  }
  return aligned(rows);
}

std::string importance_table(const std::vector<std::string>& nodes, const Question& question,
                             const Answers& a) {
  std::vector<std::vector<std::string>> rows{
      {"node", "reliability", "Shapley", "Birnbaum", "if perfect", "if lost"}};
  for (const std::size_t node : ranked(a.shapley)) {
    Spread lost = a.loss[node];
    lost.mean = -lost.mean;
    rows.push_back({nodes[node], fixed(question.reliability[node], 4), points(a.shapley[node]),
                    points(a.birnbaum[node]), change(a.improvement[node]), change(lost)});
  }
  return aligned(rows);
}

std::string pair_line(const std::vector<std::string>& nodes, const Answers& a) {
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

}  // namespace

std::string analysis_tables(const std::string& heading, const std::vector<std::string>& nodes,
                            const Question& question, const Answers& answers) {
  return heading + "\n" + risk_table(question, answers) + cut_set_line(nodes, answers) +
         failures_table(nodes, answers) + importance_table(nodes, question, answers) +
         pair_line(nodes, answers);
}

std::string analysis_lines(const std::string& label, const std::vector<std::string>& nodes,
                           const Question& question, const Answers& a) {
  std::string text = "RESULT analysis=risk " + label + figure("average_accuracy", a.average) +
                     figure("low_quantile", a.low_quantile) + figure("worst_mean", a.worst_mean) +
                     figure("good_enough", a.good_enough) + " nothing_flows=" + fixed(a.nothing_flows, 9) +
                     " cut_sets=" + std::to_string(a.cut_sets.size()) + " runs=" + std::to_string(a.runs) +
                     "\n";
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    text += "RESULT analysis=importance " + label + " node=" + nodes[node] +
            " reliability=" + fixed(question.reliability[node], 6) + figure("shapley", a.shapley[node]) +
            figure("birnbaum", a.birnbaum[node]) + figure("improvement", a.improvement[node]) +
            figure("loss", a.loss[node]) + "\n";
  }
  return text;
}

}  // namespace deepfog
