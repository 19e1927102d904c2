#include "inference/node_report.hpp"

#include "core/codec.hpp"

namespace deepfog {
namespace {

constexpr std::size_t kTransitionBytes = 4 + 1 + 8 + 4 + 8;

void put(Encoder& to, const LinkCounts& counts) {
  for (const std::int64_t value :
       {counts.messages, counts.phis, counts.bytes, counts.payload, counts.lost, counts.delayed,
        counts.arrived, counts.late, counts.duplicates, counts.timeouts})
    to.put(value);
}

LinkCounts get_counts(Decoder& from) {
  LinkCounts counts;
  for (std::int64_t* value :
       {&counts.messages, &counts.phis, &counts.bytes, &counts.payload, &counts.lost, &counts.delayed,
        &counts.arrived, &counts.late, &counts.duplicates, &counts.timeouts}) {
    *value = from.get<std::int64_t>();
    if (*value < 0) from.refuse("a negative count");
  }
  return counts;
}

Transition get_transition(Decoder& from, int places) {
  Transition transition;
  transition.peer = from.get<std::int32_t>();
  const auto event = from.get<std::uint8_t>();
  if (transition.peer < 0 || transition.peer >= places) from.refuse("an unknown peer");
  if (event > static_cast<std::uint8_t>(MemberEvent::lost)) from.refuse("an unknown event");
  transition.event = static_cast<MemberEvent>(event);
  transition.time_us = from.get<std::int64_t>();
  transition.epoch = from.get<std::uint32_t>();
  transition.round = from.get<std::int64_t>();
  return transition;
}

}  // namespace

std::vector<char> encode_report(const NodeReport& report) {
  Encoder to;
  to.put(static_cast<std::int32_t>(report.node));
  to.put(report.epoch);
  for (const std::int64_t value : {report.compute_us, report.wait_us, report.idle_us, report.resident_bytes,
                                   report.malformed, report.rounds_skipped})
    to.put(value);
  to.put(report.energy_j);
  to.put(static_cast<std::uint64_t>(report.links.size()));
  for (const LinkCounts& counts : report.links) put(to, counts);
  to.put(static_cast<std::uint64_t>(report.transitions.size()));
  for (const Transition& transition : report.transitions) {
    to.put(static_cast<std::int32_t>(transition.peer));
    to.put(static_cast<std::uint8_t>(transition.event));
    to.put(transition.time_us);
    to.put(transition.epoch);
    to.put(transition.round);
  }
  return to.take();
}

NodeReport decode_report(const std::vector<char>& bytes, int node, int links, int places) {
  Decoder from(bytes, "the report of node " + std::to_string(node));
  NodeReport report;
  report.node = from.get<std::int32_t>();
  if (report.node != node) from.refuse("is of node " + std::to_string(report.node));
  report.epoch = from.get<std::uint32_t>();
  for (std::int64_t* value : {&report.compute_us, &report.wait_us, &report.idle_us, &report.resident_bytes,
                              &report.malformed, &report.rounds_skipped}) {
    *value = from.get<std::int64_t>();
    if (*value < 0) from.refuse("a negative figure");
  }
  report.energy_j = from.get<double>();
  const std::size_t counts = from.get_size(sizeof(std::int64_t) * 10);
  if (counts != static_cast<std::size_t>(links)) from.refuse("counts of another network");
  for (std::size_t i = 0; i < counts; ++i) report.links.push_back(get_counts(from));
  const std::size_t transitions = from.get_size(kTransitionBytes);
  for (std::size_t i = 0; i < transitions; ++i) report.transitions.push_back(get_transition(from, places));
  from.finish();
  return report;
}

}  // namespace deepfog
