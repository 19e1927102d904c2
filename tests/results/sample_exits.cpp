#include "sample_exits.hpp"

#include "sample_results.hpp"

namespace deepfog::test {
namespace {

constexpr std::size_t runs = 2, combinations = 8, classes = 3, samples = 10, exits = 3, heads = 5;
constexpr char with_exits[] =
    "topology with-exits\nlet LOCAL max\nsource left 4\nsource right 4\nnode a relu:4\nstage a-summary on a "
    "linear:3\n"
    "node b relu:4\nstage b-summary on b linear:3\nnode gateway\nstage local on gateway $LOCAL\n"
    "node c relu:4\nstage c-exit on c linear:3\nnode cloud relu:4 linear:3\n"
    "link left -> a\nlink right -> b\nlink a -> a-summary\nlink b -> b-summary\n"
    "link a-summary -> local\nlink b-summary -> local\nlink a -> c\nlink b -> c\nlink c -> c-exit\n"
    "link c -> cloud\nexit local\nexit c-exit\nexit cloud\nsummary a-summary\nsummary b-summary\nfails c b "
    "a\n";

/// Which heads live. Bits of a combination from the least significant: c, b, a.
std::vector<bool> live(std::size_t combination) {
  const bool c = (combination & 1) != 0, b = (combination & 2) != 0, a = (combination & 4) != 0;
  return {a, b, a || b, c && (a || b), c && (a || b)};  // a-summary b-summary local c-exit cloud
}
constexpr std::size_t head_of_exit[exits] = {2, 3, 4};

double entropy(std::size_t run, std::size_t combination, std::size_t head, std::size_t sample) {
  return static_cast<double>((sample * sample + 4 * head + 3 * combination + run) % 10) / 10 + 0.05;
}
bool right(std::size_t run, std::size_t combination, std::size_t head, std::size_t sample) {
  return (sample + 2 * head + combination + run) % 4 != 0;
}

/// The exit that answers a sample: the first live one that is sure, else the last live one.
std::size_t answers(std::size_t run, std::size_t combination, std::size_t sample, const double* thresholds) {
  std::size_t last = 0;
  for (std::size_t e = 0; e < exits; ++e) {
    if (!live(combination)[head_of_exit[e]]) continue;
    last = e;
    if (entropy(run, combination, head_of_exit[e], sample) < thresholds[e]) break;
  }
  return last;
}

/// Counts of one run and combination at some thresholds.
void count(std::size_t run, std::size_t combination, const double* thresholds, std::int64_t* answered,
           std::int64_t* correct) {
  if (!live(combination)[2]) return;
  for (std::size_t s = 0; s < samples; ++s) {
    const std::size_t e = answers(run, combination, s, thresholds);
    ++answered[e];
    correct[e] += right(run, combination, head_of_exit[e], s) ? 1 : 0;
  }
}

void fill(ExitTables& t) {
  const std::size_t points = t.grid.size();
  t.answered.assign(runs * combinations * exits, 0);
  t.curve_answered.assign(runs * combinations * points * exits, 0);
  t.correct = t.answered;
  t.curve_correct = t.curve_answered;
  t.alone.assign(runs * combinations * heads, 0);
  for (std::size_t run = 0; run < runs; ++run) {
    for (std::size_t k = 0; k < combinations; ++k) {
      const std::size_t row = run * combinations + k;
      count(run, k, &t.thresholds[run * exits], &t.answered[row * exits], &t.correct[row * exits]);
      for (std::size_t p = 0; p < points; ++p) {
        const double alike[exits] = {t.grid[p], t.grid[p], t.grid[p]};
        const std::size_t at = (row * points + p) * exits;
        count(run, k, alike, &t.curve_answered[at], &t.curve_correct[at]);
      }
      for (std::size_t h = 0; h < heads; ++h) {
        for (std::size_t s = 0; s < samples && live(k)[h]; ++s)
          t.alone[row * heads + h] += right(run, k, h, s) ? 1 : 0;
      }
    }
  }
}

/// `correct`, `confusion` and `flow`, from the same rule.
void fill(ModelResults& m, const ExperimentResults& e) {
  m.correct.assign(runs * combinations, 0);
  m.confusion.assign(runs * combinations * classes * classes, 0);
  std::int32_t rows = 0;
  for (std::size_t k = 0; k < combinations; ++k) {
    m.flow[k] = live(k)[2] ? 1 : 0;
    m.right_row[k] = m.flow[k] != 0 ? ++rows : 0;
  }
  constexpr std::size_t bytes = (samples + 7) / 8;
  m.right.assign(runs * static_cast<std::size_t>(rows) * bytes, 0);
  for (std::size_t row = 0; row < runs * combinations; ++row) {
    const std::size_t run = row / combinations, k = row % combinations;
    for (std::size_t s = 0, truth = 0, seen = 0; s < samples && m.flow[k] == 1; ++s, ++seen) {
      for (; seen == static_cast<std::size_t>(e.test_class_counts[truth]); ++truth) seen = 0;
      const std::size_t exit = answers(run, k, s, &m.exits.thresholds[run * exits]);
      const bool good = right(run, k, head_of_exit[exit], s);
      m.correct[row] += good ? 1 : 0;
      const std::size_t outcome =
          run * static_cast<std::size_t>(rows) + static_cast<std::size_t>(m.right_row[k]) - 1;
      m.right[outcome * bytes + s / 8] |= static_cast<std::uint8_t>((good ? 1U : 0U) << s % 8);
      ++m.confusion[(row * classes + truth) * classes + (good ? truth : (truth + 1) % classes)];
    }
  }
}

}  // namespace

Results sample_results_with_exits() {
  Results results = sample_results();
  ExperimentResults& e = results.experiments[0];
  ModelResults m = e.models[0];
  m.name = "ddnn";
  m.text["topology"] = "with-exits.topology";
  m.topology_text = with_exits;
  m.integers["parameters"] = 140;
  m.text["exit_threshold"] = "fixed";
  m.text["trained_without"] = "b";
  m.numbers["exit_threshold_value"] = 0.5;
  m.exits.exits = {"local", "c-exit", "cloud"};
  m.exits.heads = {"a-summary", "b-summary", "local", "c-exit", "cloud"};
  m.exits.thresholds = {0.5, 0.5, 0.25, 0.25, 0.75, 0};  // of run 0 a point of the grid, but for the last
  m.exits.grid = {0, 0.5, 1};
  m.exits.links = {"a-summary->local", "b-summary->local",     "local->a@local",
                   "a@local->c",       "local->b@local",       "b@local->c",
                   "c@c-exit->cloud",  "local->answers@cloud", "c-exit->answers@cloud"};
  m.exits.link_kinds = {"data", "data", "verdict", "data", "verdict", "data", "data", "answer", "answer"};
  m.exits.senders = {"a", "b", "gateway", "a", "gateway", "b", "c", "gateway", "c"};
  m.exits.bits = {96, 96, 1, 128, 1, 128, 128, 128, 128};
  m.exits.exits_passed = {0, 0, 0, 1, 0, 1, 2, 0, 1};
  fill(m.exits);
  fill(m, e);
  recompute(e, m);
  e.models.push_back(m);
  return results;
}

}  // namespace deepfog::test
