#include "sample_inference.hpp"

#include <limits>

#include "sample_results.hpp"

namespace deepfog::test {
namespace {

constexpr char with_skip[] =
    "topology with-skip\nsource iot 4\nnode a relu:4\nnode b relu:4\nnode c relu:4 linear:3\n"
    "link iot -> a\nlink a -> b\nlink b -> c\nlink a -> c skip\nfails c b a\n";
constexpr std::int64_t classes = 3, frame = 2, header_bytes = 32;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Bits = std::vector<std::uint8_t>;

void add_round(InferenceResults& r, std::int64_t group, std::int64_t phase, std::int64_t round,
               const Bits& used, const Bits& timed_out) {
  InferenceRounds& all = r.rounds;
  const auto row = static_cast<std::int64_t>(all.group.size()), first = row * frame % 10;
  const bool reached = used[2] + used[3] > 0;
  all.group.push_back(group);
  all.phase.push_back(phase);
  all.round.push_back(round);
  all.first_sample.push_back(first);
  all.samples.push_back(frame);
  all.arrival_us.push_back(1000.0 * static_cast<double>(round));
  all.latency_us.push_back(200.5 + static_cast<double>(row));
  all.waited_for.push_back(reached ? 3 : -1);
  all.used.insert(all.used.end(), used.begin(), used.end());
  all.timed_out.insert(all.timed_out.end(), timed_out.begin(), timed_out.end());
  std::int64_t correct = 0;
  for (std::int64_t i = 0; i < frame; ++i) {
    const std::int64_t label = r.labels[static_cast<std::size_t>(first + i)];
    const std::int64_t guess = (row + i) % 3 == 0 ? (label + 1) % classes : label;
    all.prediction.push_back(reached ? guess : -1);
    correct += reached && guess == label ? 1 : 0;
  }
  all.correct.push_back(correct);
}

void add_node(InferenceNodes& all, std::int64_t group, const std::string& node, bool reported) {
  const double factor = reported ? 1 : 0;
  all.group.push_back(group);
  all.node.push_back(node);
  all.reported.push_back(reported ? 1 : 0);
  all.epoch.push_back(reported ? 1 : 0);
  all.compute_us.push_back(factor * 300);
  all.wait_us.push_back(factor * 100.5);
  all.idle_us.push_back(factor * 4000);
  all.resident_bytes.push_back(reported ? 50 << 20 : 0);
  all.malformed.push_back(0);
  all.rounds_skipped.push_back(0);
  all.energy_j.push_back(group == 0 ? 1.5 : nan);
}

void add_link(InferenceLinks& all, std::int64_t group, const std::string& link, std::int64_t messages,
              std::int64_t phis) {
  all.group.push_back(group);
  all.link.push_back(link);
  all.local.push_back(link == "iot->a" ? 1 : 0);
  all.messages.push_back(messages);
  all.phis.push_back(phis);
  all.bytes_predicted.push_back(messages * frame * 4 * 4);
  all.bytes_measured.push_back(all.bytes_predicted.back() + (messages + phis) * header_bytes);
  all.arrived.push_back(messages);
  all.late.push_back(0);
  all.duplicates.push_back(0);
  all.timeouts.push_back(phis);
  all.lost.push_back(phis);
  all.delayed.push_back(0);
}

void add_transition(InferenceMembership& all, std::int64_t group, const std::string& observer,
                    const std::string& peer, const std::string& event, double time_us) {
  all.group.push_back(group);
  all.observer.push_back(observer);
  all.peer.push_back(peer);
  all.event.push_back(event);
  all.time_us.push_back(time_us);
  all.epoch.push_back(event == "returned" ? 2 : 1);
  all.round.push_back(static_cast<std::int64_t>(time_us / 1000));
}

/// With their phases: group 0 walks the phases 0 and 2, group 1 the phases 1 and 3.
void add_rounds(InferenceResults& r) {
  r.phases.name = {"no failure@1000us", "b dead@1000us", "lossy@500us", "a dead@1000us"};
  r.phases.combination = {0b111, 0b101, 0b111, 0b011};
  r.phases.timeout_us = {1000, 1000, 500, 1000};
  r.phases.script = {0, 0, 1, 0};
  r.phases.rounds = {3, 2, 2, 1};
  r.phases.settle_us = {nan, 512.5, nan, 600};
  const Bits none{0, 0, 0, 0}, all{1, 1, 1, 1}, without_b{1, 0, 0, 1};
  for (std::int64_t round = 0; round < 3; ++round) add_round(r, 0, 0, round, all, none);
  add_round(r, 0, 2, 3, {1, 0, 0, 0}, {0, 1, 0, 1});
  add_round(r, 0, 2, 4, without_b, {0, 1, 0, 0});
  add_round(r, 1, 1, 0, without_b, {0, 0, 1, 0});
  add_round(r, 1, 1, 1, without_b, none);
  add_round(r, 1, 3, 2, none, none);
}

}  // namespace

InferenceResults sample_inference() {
  InferenceResults r;
  r.name = "walk";
  r.text = {{"experiment", "sample"},     {"model", "deepfogguard"},     {"dataset", "sample"},
            {"data_origin", "synthetic"}, {"scenario", "single_stream"}, {"ending", "complete"},
            {"timeouts", "fixed"}};
  r.integers = {{"groups", 2},    {"classes", classes},  {"header_bytes", header_bytes}, {"depth", 1},
                {"batch", frame}, {"checked_rounds", 8}, {"unequal_rounds", 0}};
  r.numbers = {{"guess_accuracy", 0.375}, {"rate", 0.0}};
  r.topology_text = with_skip;
  r.script_text = "seed 7\nlose a->b rounds 3..4\nlose a->c round 3\n";
  r.links = {"iot->a", "a->b", "b->c", "a->c"};
  r.failing = {"c", "b", "a"};
  r.labels = {0, 1, 2, 0, 1, 2, 0, 1, 0, 0};
  add_rounds(r);
  for (std::int64_t group = 0; group < 2; ++group) {
    for (const char* node : {"a", "b", "c"}) add_node(r.nodes, group, node, group == 0 || *node != 'a');
    add_link(r.link_counts, group, "iot->a", 0, 0);
    add_link(r.link_counts, group, "a->b", group == 0 ? 3 : 0, group == 0 ? 2 : 0);
    add_link(r.link_counts, group, "b->c", group == 0 ? 3 : 0, 1);
    add_link(r.link_counts, group, "a->c", group == 0 ? 4 : 0, group == 0 ? 1 : 0);
    for (const char* link : {"a->b", "b->c", "a->c"}) {
      r.hops.group.push_back(group);
      r.hops.link.push_back(link);
      r.hops.bytes.push_back(frame * 4 * 4 + header_bytes);
      r.hops.half_round_trip_us.push_back(2.5);
    }
  }
  add_transition(r.membership, 0, "c", "a", "suspected", 3500);
  add_transition(r.membership, 1, "c", "b", "suspected", 100);
  add_transition(r.membership, 0, "c", "a", "returned", 4000);
  add_transition(r.membership, 1, "c", "a", "lost", 2100);
  return r;
}

Results sample_results_with_inference() {
  Results results = sample_results();
  results.inference.push_back(sample_inference());
  return results;
}

Results sample_results_of_inference_alone() {
  Results results = sample_results_with_inference();
  results.experiments.clear();
  return results;
}

}  // namespace deepfog::test
