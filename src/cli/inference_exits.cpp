#include "cli/inference_exits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "cli/text_table.hpp"
#include "core/statistics.hpp"
#include "resilience/combination.hpp"
#include "topology/stage_cost.hpp"

namespace deepfog {
namespace {

struct ExitFigures {
  std::string name;
  std::int64_t answered = 0, correct = 0;
  std::vector<double> latencies_us;  ///< of the rounds whose last sample left at this exit
};

std::vector<ExitFigures> figures_of(const InferenceResults& run, const Topology& topology) {
  std::vector<ExitFigures> exits;
  for (const int stage : topology.exits())
    exits.emplace_back().name = topology.stages()[static_cast<std::size_t>(stage)].name;
  std::size_t at = 0;
  for (std::size_t round = 0; round < run.rounds.round.size(); ++round) {
    std::int64_t latest = -1;
    for (std::int64_t row = 0; row < run.rounds.samples[round]; ++row, ++at) {
      const std::int64_t exit = run.rounds.exit[at];
      latest = std::max(latest, exit);
      if (exit < 0) continue;
      ExitFigures& own = exits[static_cast<std::size_t>(exit)];
      ++own.answered;
      own.correct += run.rounds.prediction[at] ==
                     run.labels[static_cast<std::size_t>(run.rounds.first_sample[round] + row)];
    }
    if (latest >= 0)
      exits[static_cast<std::size_t>(latest)].latencies_us.push_back(run.rounds.latency_us[round]);
  }
  return exits;
}

/// Bytes per sample and device.
struct Traffic {
  double formula = 0;  ///< c = 4 |C| + (1 - l) f o / 8 and similar terms; NaN if nodes were dead
  double payload = 0, headers = 0, control = 0, raw = 0;
};

Traffic traffic_of(const InferenceResults& run, const Topology& topology,
                   const std::vector<ExitFigures>& exits) {
  Traffic traffic;
  std::set<int> devices;
  std::map<int, LinkCost> of_link;
  for (const LinkCost& cost : link_costs(topology)) {
    of_link[cost.link] = cost;
    const auto& link = topology.hyperconnections()[static_cast<std::size_t>(cost.link)];
    if (cost.kind == "data" && cost.exits_passed == 0)
      devices.insert(topology.stages()[static_cast<std::size_t>(topology.stage_of(link.from))].node);
  }
  std::int64_t answered = 0;
  for (const std::int64_t samples : run.rounds.samples) answered += samples;
  if (answered == 0 || devices.empty()) return traffic;
  const auto samples = static_cast<double>(answered);
  std::vector<double> left{1};  // share of samples that have passed this number of exits
  for (const ExitFigures& exit : exits)
    left.push_back(left.back() - static_cast<double>(exit.answered) / samples);
  const std::size_t links = topology.hyperconnections().size();
  const double count = samples * static_cast<double>(devices.size());
  for (std::size_t row = 0; row < run.link_counts.link.size(); ++row) {
    const auto found = of_link.find(static_cast<int>(row % links));
    if (found == of_link.end()) continue;
    const auto& link = topology.hyperconnections()[row % links];
    const int sender = topology.stages()[static_cast<std::size_t>(topology.stage_of(link.from))].node;
    const auto measured = static_cast<double>(run.link_counts.bytes_measured[row]);
    const auto payload = static_cast<double>(run.link_counts.bytes_predicted[row]);
    if (found->second.kind != "data" || devices.count(sender) == 0) {
      traffic.control += measured / count;
      continue;
    }
    traffic.payload += payload / count;
    traffic.headers += (measured - payload) / count;
    if (row < links) {
      const double share = left[static_cast<std::size_t>(found->second.exits_passed)];
      traffic.formula +=
          static_cast<double>(found->second.bits) / 8 * share / static_cast<double>(devices.size());
    }
  }
  for (const Source& source : topology.sources()) {
    const double bytes = static_cast<double>(source.width) * (source.shape.empty() ? 4 : 1);
    traffic.raw += bytes / static_cast<double>(devices.size());
  }
  const bool all_live = run.phases.name.size() == 1 && run.script_text.empty() &&
                        run.phases.combination[0] == all_alive(topology.failing());
  if (!all_live) traffic.formula = std::nan("");
  return traffic;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2);
}

std::string quantile(const ExitFigures& exit, double share) {
  return exit.latencies_us.empty() ? "-" : fixed(percentile(exit.latencies_us, share), 1);
}

}  // namespace

std::string exits_table(const InferenceResults& run, const Topology& topology) {
  if (!topology.has_exits() || run.rounds.exit.empty()) return "";
  const std::vector<ExitFigures> exits = figures_of(run, topology);
  std::int64_t all = 0;
  for (const ExitFigures& exit : exits) all += exit.answered;
  std::vector<std::vector<std::string>> rows{{"exit", "samples %", "top-1 %", "p50 us", "p90 us", "p99 us"}};
  for (const ExitFigures& exit : exits) {
    rows.push_back({exit.name, percent(exit.answered, all), percent(exit.correct, exit.answered),
                    quantile(exit, 0.5), quantile(exit, 0.9), quantile(exit, 0.99)});
  }
  std::string text = aligned(rows);
  const Traffic traffic = traffic_of(run, topology, exits);
  if (traffic.payload <= 0) return text;
  text += "  a device sends " + fixed(traffic.payload, 1) + " bytes a sample";
  if (!std::isnan(traffic.formula)) text += " (by the formula " + fixed(traffic.formula, 1) + ")";
  text += ", " + fixed(traffic.payload + traffic.headers, 1) + " with headers; its raw data are " +
          fixed(traffic.raw, 0) + ": " + fixed(traffic.raw / (traffic.payload + traffic.headers), 1) +
          " times as much\n";
  return text + "  verdicts, answers and what is sent behind the devices: " + fixed(traffic.control, 1) +
         " bytes a sample and device, headers included\n";
}

std::string exits_lines(const InferenceResults& run, const Topology& topology, const std::string& head) {
  if (!topology.has_exits() || run.rounds.exit.empty()) return "";
  const std::vector<ExitFigures> exits = figures_of(run, topology);
  std::int64_t all = 0;
  for (const ExitFigures& exit : exits) all += exit.answered;
  std::string text;
  for (const ExitFigures& exit : exits) {
    text += head + " exit=" + exit.name + " samples=" + std::to_string(exit.answered) + " share=" +
            fixed(all == 0 ? 0 : static_cast<double>(exit.answered) / static_cast<double>(all), 6) +
            " correct=" + std::to_string(exit.correct) + " p50_us=" + quantile(exit, 0.5) +
            " p90_us=" + quantile(exit, 0.9) + " p99_us=" + quantile(exit, 0.99) + "\n";
  }
  const Traffic traffic = traffic_of(run, topology, exits);
  if (traffic.payload <= 0) return text;
  return text + head + " device_bytes_per_sample=" + fixed(traffic.payload, 2) +
         " formula=" + (std::isnan(traffic.formula) ? "none" : fixed(traffic.formula, 2)) +
         " with_headers=" + fixed(traffic.payload + traffic.headers, 2) + " raw=" + fixed(traffic.raw, 0) +
         " reduction=" + fixed(traffic.raw / (traffic.payload + traffic.headers), 2) + "\n";
}

}  // namespace deepfog
