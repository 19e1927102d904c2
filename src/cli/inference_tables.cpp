#include "cli/inference_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "cli/inference_exits.hpp"
#include "cli/inference_traffic.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace {

constexpr std::size_t kMostPhases = 16;  ///< the most phases that are shown individually

/// Sums over the rounds of one phase, or of all.
struct Sum {
  std::vector<double> latency_us;
  std::int64_t samples = 0, with_timeouts = 0, guessed = 0;
  double correct = 0;
  double first_us = 0, last_us = 0;

  double accuracy() const { return samples == 0 ? 0 : correct / static_cast<double>(samples); }
  double samples_per_second() const { return per_second(static_cast<double>(samples)); }
  double frames_per_second() const { return per_second(static_cast<double>(latency_us.size())); }
  /// Latency of frames divided by their images.
  double latency_per_image_us() const {
    const double all = std::accumulate(latency_us.begin(), latency_us.end(), 0.0);
    return samples == 0 ? 0 : all / static_cast<double>(samples);
  }
  double per_second(double count) const {
    return last_us > first_us ? count / (last_us - first_us) * 1e6 : 0;
  }
};

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string padded(const std::string& text, std::size_t width, bool left = false) {
  const std::string blanks(text.size() < width ? width - text.size() : 0, ' ');
  return left ? text + blanks : blanks + text;
}

/// @param guesses  number of samples of the round without an answer
void add(Sum& sum, const InferenceResults& run, std::size_t row, std::int64_t guesses) {
  const InferenceRounds& rounds = run.rounds;
  const double end_us = rounds.arrival_us[row] + rounds.latency_us[row];
  if (sum.latency_us.empty()) sum.first_us = rounds.arrival_us[row];
  sum.first_us = std::min(sum.first_us, rounds.arrival_us[row]);
  sum.last_us = std::max(sum.last_us, end_us);
  sum.latency_us.push_back(rounds.latency_us[row]);
  sum.samples += rounds.samples[row];
  sum.correct += static_cast<double>(rounds.correct[row]);
  const std::size_t links = run.links.size();
  const auto begin = rounds.timed_out.begin() + static_cast<std::ptrdiff_t>(row * links);
  sum.with_timeouts +=
      std::any_of(begin, begin + static_cast<std::ptrdiff_t>(links), [](auto flag) { return flag != 0; });
  sum.guessed += guesses > 0 ? 1 : 0;
  sum.correct += run.numbers.at("guess_accuracy") * static_cast<double>(guesses);
}

/// Whether neither plan nor script lets anything fail in a phase.
bool is_calm(const InferenceResults& run, std::int64_t phase) {
  const auto at = static_cast<std::size_t>(phase);
  const std::size_t failing = run.failing.size();
  const std::uint64_t alive = failing >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << failing) - 1;
  return run.phases.combination[at] == alive && run.phases.script[at] == 0;
}

/// One sum per phase; a guess counts with its expected accuracy.
/// @param calm  filled with the rounds of the phases without failures
std::vector<Sum> sums_of(const InferenceResults& run, Sum& all, Sum& calm) {
  std::vector<Sum> sums(run.phases.name.size());
  auto prediction = run.rounds.prediction.begin();
  for (std::size_t row = 0; row < run.rounds.group.size(); ++row) {
    const auto end = prediction + run.rounds.samples[row];
    const std::int64_t guess = std::count(prediction, end, -1);
    prediction = end;
    add(sums[static_cast<std::size_t>(run.rounds.phase[row])], run, row, guess);
    add(all, run, row, guess);
    if (is_calm(run, run.rounds.phase[row])) add(calm, run, row, guess);
  }
  return sums;
}

std::string table_row(const std::string& name, const Sum& sum) {
  std::string line = "  " + padded(name, 28, true) + padded(std::to_string(sum.latency_us.size()), 8);
  for (const double share : {.5, .9, .99})
    line += padded(format("%.1f", percentile(sum.latency_us, share)), 11);
  line +=
      padded(format("%.0f", sum.samples_per_second()), 12) + padded(format("%.2f", 100 * sum.accuracy()), 10);
  return line + padded(std::to_string(sum.with_timeouts), 10) + padded(std::to_string(sum.guessed), 9) + "\n";
}

std::string off_plan(const InferenceResults& run) {
  const auto rounds = run.integers.find("rounds_off_plan");
  if (rounds == run.integers.end() || rounds->second == 0) return "";
  return "; " + std::to_string(rounds->second) + " lacked a node that the plan has alive";
}

std::string fates(const InferenceResults& run) {
  std::string silent;
  for (std::size_t i = 0; i < run.nodes.node.size(); ++i) {
    if (run.nodes.reported[i] == 0) silent += (silent.empty() ? "" : ", ") + run.nodes.node[i];
  }
  const auto count = [&](const char* event) {
    return std::to_string(std::count(run.membership.event.begin(), run.membership.event.end(), event));
  };
  std::string text = "  membership: " + count("suspected") + " times suspected, " + count("returned") +
                     " times back, " + count("lost") + " times told dead by the MPI library";
  if (!silent.empty()) text += "; died or did not report: " + silent;
  const auto checked = run.integers.find("checked_rounds");
  if (checked == run.integers.end()) return text + "\n";
  return text + "\n  check: " + std::to_string(checked->second) +
         " answers held against the simulated network, " + std::to_string(run.integers.at("unequal_rounds")) +
         " differ" + off_plan(run) + "\n";
}

std::string figures(const Sum& sum) {
  std::string line =
      " rounds=" + std::to_string(sum.latency_us.size()) + " samples=" + std::to_string(sum.samples);
  for (const auto& [key, share] :
       std::map<std::string, double>{{"p50_us", .5}, {"p90_us", .9}, {"p99_us", .99}})
    line += " " + key + "=" + format("%.1f", percentile(sum.latency_us, share));
  return line + " samples_per_second=" + format("%.1f", sum.samples_per_second()) +
         " frames_per_second=" + format("%.1f", sum.frames_per_second()) +
         " latency_per_image_us=" + format("%.1f", sum.latency_per_image_us()) +
         " accuracy=" + format("%.6f", sum.accuracy()) +
         " rounds_with_timeouts=" + std::to_string(sum.with_timeouts) +
         " rounds_guessed=" + std::to_string(sum.guessed);
}

/// RobustDiCE, Table 2, in two lines, and the traffic between nodes.
std::string costs(const InferenceResults& run, const Sum& all, const Sum& calm) {
  const Topology topology = parse_topology(run.topology_text, run.name);
  const InferenceCosts cost = inference_costs(run, topology);
  if (all.samples == 0) return "";
  const bool told = calm.samples > 0;
  const Sum& sum = told ? calm : all;
  std::string text = told ? "  without failures: " : "  over all rounds: ";
  text += format("%.1f frames/s, ", sum.frames_per_second()) +
          format("%.1f images/s, ", sum.samples_per_second()) +
          format("%.1f us an image; ", sum.latency_per_image_us()) +
          format("%.0f bytes an image ", cost.bytes_per_image) +
          format("in %.1f messages\n", cost.messages_per_image);
  if (cost.largest_device.empty()) return text;
  text += "  largest device " + cost.largest_device +
          format(": %.1f MiB resident, ", cost.resident_bytes / (1 << 20));
  return text +
         (std::isnan(cost.energy_j_per_image) ? "energy not available\n"
                                              : format("up to %.4g J an image\n", cost.energy_j_per_image)) +
         traffic_table(run, topology);
}

std::string cost_figures(const InferenceResults& run) {
  const InferenceCosts cost = inference_costs(run, parse_topology(run.topology_text, run.name));
  const auto number = [](const char* pattern, double value) {
    return std::isnan(value) ? "none" : format(pattern, value);
  };
  return " bytes_per_image=" + number("%.1f", cost.bytes_per_image) +
         " messages_per_image=" + number("%.2f", cost.messages_per_image) +
         " largest_device=" + (cost.largest_device.empty() ? "none" : cost.largest_device) +
         " resident_bytes=" + number("%.0f", cost.resident_bytes) +
         " energy_j_per_image=" + number("%.6f", cost.energy_j_per_image);
}

std::string one_word(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

}  // namespace

std::string inference_tables(const Results& results) {
  std::string text;
  for (const InferenceResults& run : results.inference) {
    Sum all, calm;
    const std::vector<Sum> sums = sums_of(run, all, calm);
    text += run.name + ": " + run.text.at("experiment") + "." + run.text.at("model") + " over " +
            std::to_string(run.nodes.node.size()) + " ranks, " + run.text.at("scenario") + ", frames of " +
            std::to_string(run.integers.at("batch")) + ", " + run.text.at("data_origin") + " data " +
            run.text.at("dataset") + "\n";
    text += "  " + padded("phase", 28, true) + padded("rounds", 8) + padded("p50 us", 11) +
            padded("p90 us", 11) + padded("p99 us", 11) + padded("samples/s", 12) + padded("top-1 %", 10) +
            padded("timeouts", 10) + padded("guessed", 9) + "\n";
    for (std::size_t i = 0; i < sums.size() && sums.size() <= kMostPhases; ++i)
      text += table_row(run.phases.name[i], sums[i]);
    if (sums.size() > 1) text += table_row("all " + std::to_string(sums.size()) + " phases", all);
    text +=
        exits_table(run, parse_topology(run.topology_text, run.name)) + costs(run, all, calm) + fates(run);
  }
  return text + "\n";
}

std::string inference_lines(const Results& results, const std::string& output, double seconds) {
  std::string text;
  for (const InferenceResults& run : results.inference) {
    Sum all, calm;
    const std::vector<Sum> sums = sums_of(run, all, calm);
    const std::string head = "RESULT inference=" + run.name + " experiment=" + run.text.at("experiment") +
                             " model=" + run.text.at("model") + " scenario=" + run.text.at("scenario");
    for (std::size_t i = 0; i < sums.size() && sums.size() > 1 && sums.size() <= kMostPhases; ++i) {
      text += head + " phase=" + one_word(run.phases.name[i]) +
              " timeout_us=" + format("%.0f", run.phases.timeout_us[i]) + figures(sums[i]) + "\n";
    }
    text += exits_lines(run, parse_topology(run.topology_text, run.name), head);
    const auto unequal = run.integers.find("unequal_rounds");
    text += head + figures(all) + cost_figures(run) +
            " repeated=" + std::to_string(run.integers.at("rounds_repeated")) +
            (unequal == run.integers.end() ? "" : " unequal=" + std::to_string(unequal->second)) +
            " ending=" + one_word(run.text.at("ending")) + " file=" + output +
            " valid=" + (results.valid ? "1" : "0") + " seconds=" + format("%.1f", seconds) + "\n";
  }
  return text;
}

}  // namespace deepfog
