#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "results/verify_inference.hpp"

namespace deepfog::verification {
namespace {

bool some_time(double value) {
  return value >= 0 && std::isfinite(value);
}

class TransportCheck {
 public:
  TransportCheck(const SoundInference& inference, Violations& violations)
      : in_(inference), r_(inference.results), violations_(violations) {}

  void run() {
    for (std::size_t row = 0; row < r_.nodes.group.size(); ++row) check_node(row);
    for (std::size_t row = 0; row < r_.link_counts.group.size(); ++row) check_link(row);
    for (std::size_t row = 0; row < r_.membership.group.size(); ++row) check_transition(row);
    for (std::size_t row = 0; row < r_.hops.group.size(); ++row) check_hop(row);
  }

 private:
  void add(const std::string& object, std::size_t row, const std::string& what) {
    violations_.add(in_.base + "/" + object, "row " + std::to_string(row) + ": " + what);
  }
  void not_negative(const std::string& object, std::size_t row, std::int64_t value) {
    if (value < 0) add(object, row, std::to_string(value) + " (0 or more)");
  }
  void group_known(const std::string& table, std::size_t row, std::int64_t group) {
    if (group < 0 || group >= in_.groups) {
      add(table + "/group", row, std::to_string(group) + " (0 to " + std::to_string(in_.groups - 1) + ")");
    }
  }
  /// Rows stand group by group, each in the order of `names`.
  void in_order(const std::string& table, const std::string& column, std::size_t row, std::int64_t group,
                const std::string& found, std::size_t a_group, const std::string& expected) {
    if (group != static_cast<std::int64_t>(row / a_group)) {
      add(table + "/group", row, std::to_string(group) + " (" + std::to_string(row / a_group) + ")");
    }
    if (found != expected) add(table + "/" + column, row, "'" + found + "' (" + expected + ")");
  }

  void check_node(std::size_t row) {
    const InferenceNodes& n = r_.nodes;
    const auto& nodes = in_.topology.nodes();
    in_order("nodes", "node", row, n.group[row], n.node[row], nodes.size(), nodes[row % nodes.size()].name);
    if (n.reported[row] > 1) add("nodes/reported", row, std::to_string(n.reported[row]) + " (0 or 1)");
    const bool silent = n.reported[row] == 0;
    for (const auto& [name, value] :
         {std::pair("nodes/compute_us", n.compute_us[row]), std::pair("nodes/wait_us", n.wait_us[row]),
          std::pair("nodes/idle_us", n.idle_us[row])}) {
      if (!some_time(value)) add(name, row, show(value) + " (0 or more)");
      if (silent && value > 0) add(name, row, show(value) + ", but the node did not report");
    }
    not_negative("nodes/epoch", row, n.epoch[row]);
    not_negative("nodes/resident_bytes", row, n.resident_bytes[row]);
    not_negative("nodes/malformed", row, n.malformed[row]);
    not_negative("nodes/rounds_skipped", row, n.rounds_skipped[row]);
    if (!std::isnan(n.energy_j[row]) && !some_time(n.energy_j[row]))
      add("nodes/energy_j", row, show(n.energy_j[row]) + " (0 or more, NaN)");
  }

  void check_link(std::size_t row) {
    const InferenceLinks& l = r_.link_counts;
    const auto& links = in_.topology.hyperconnections();
    const Hyperconnection& link = links[row % links.size()];
    in_order("links", "link", row, l.group[row], l.link[row], links.size(), r_.links[row % links.size()]);
    for (const auto& [name, column] :
         {std::pair("messages", &l.messages), std::pair("phis", &l.phis),
          std::pair("bytes_measured", &l.bytes_measured), std::pair("bytes_predicted", &l.bytes_predicted),
          std::pair("arrived", &l.arrived), std::pair("late", &l.late),
          std::pair("duplicates", &l.duplicates), std::pair("timeouts", &l.timeouts),
          std::pair("lost", &l.lost), std::pair("delayed", &l.delayed)}) {
      not_negative(std::string("links/") + name, row, (*column)[row]);
    }
    const int sender = in_.sender(link);
    const int receiver = in_.topology.stages()[static_cast<std::size_t>(in_.topology.stage_of(link.to))].node;
    const bool local = sender < 0 || sender == receiver;
    if (l.local[row] != (local ? 1 : 0))
      add("links/local", row, std::to_string(l.local[row]) + (local ? " (1)" : " (0)"));
    if (local) {
      if (l.bytes_measured[row] != 0)
        add("links/bytes_measured", row, std::to_string(l.bytes_measured[row]) + " without a message (0)");
    } else if (reported(row / links.size(), sender)) {
      check_bytes(row);
    }
  }

  /// Whether the node's figures are known; where no node's are, no.
  bool reported(std::size_t group, int node) const {
    const std::size_t row = group * in_.topology.nodes().size() + static_cast<std::size_t>(node);
    return row < r_.nodes.reported.size() && r_.nodes.reported[row] == 1;
  }

  void check_bytes(std::size_t row) {
    const InferenceLinks& l = r_.link_counts;
    const auto header = r_.integers.find("header_bytes");
    if (header == r_.integers.end()) return;
    std::int64_t messages = 0, headers = 0, expected = 0;
    const bool known = !__builtin_add_overflow(l.messages[row], l.phis[row], &messages) &&
                       !__builtin_mul_overflow(messages, header->second, &headers) &&
                       !__builtin_add_overflow(headers, l.bytes_predicted[row], &expected);
    const std::string found = std::to_string(l.bytes_measured[row]);
    if (!known) {
      add("links/bytes_measured", row, found + ", but the counts are too large");
    } else if (l.bytes_measured[row] != expected) {
      add("links/bytes_measured", row,
          found + ", but predicted and " + std::to_string(messages) + " headers are " +
              std::to_string(expected));
    }
  }

  bool is_node(const std::string& name) const {
    const auto& nodes = in_.topology.nodes();
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) { return node.name == name; });
  }

  /// Suspected and returned take turns; lost may come at any time, and only what went away returns.
  void check_transition(std::size_t row) {
    const InferenceMembership& m = r_.membership;
    group_known("membership", row, m.group[row]);
    if (!is_node(m.observer[row])) add("membership/observer", row, "no node '" + m.observer[row] + "'");
    if (!is_node(m.peer[row]) || m.peer[row] == m.observer[row])
      add("membership/peer", row, "no other node '" + m.peer[row] + "'");
    not_negative("membership/epoch", row, m.epoch[row]);
    if (!some_time(m.time_us[row])) add("membership/time_us", row, show(m.time_us[row]) + " (0 or more)");
    double& latest = latest_[{m.group[row], m.observer[row]}];
    if (m.time_us[row] < latest) add("membership/time_us", row, "before the observer's last transition");
    latest = std::max(latest, m.time_us[row]);
    Away& away = away_[{m.group[row], m.observer[row], m.peer[row]}];
    const std::string pair = m.observer[row] + " of " + m.peer[row];
    if (m.event[row] == "suspected") {
      if (away.suspected) add("membership/event", row, "suspected twice by " + pair);
      away.suspected = true;
    } else if (m.event[row] == "returned") {
      if (!away.suspected && !away.lost) add("membership/event", row, "returned without going, " + pair);
      away = {};
    } else if (m.event[row] == "lost") {
      away.lost = true;
    } else {
      add("membership/event", row, "'" + m.event[row] + "' (suspected, returned, lost)");
    }
  }

  void check_hop(std::size_t row) {
    const InferenceHops& h = r_.hops;
    group_known("hops", row, h.group[row]);
    if (std::find(r_.links.begin(), r_.links.end(), h.link[row]) == r_.links.end())
      add("hops/link", row, "no hyperconnection '" + h.link[row] + "'");
    not_negative("hops/bytes", row, h.bytes[row]);
    if (!some_time(h.half_round_trip_us[row]))
      add("hops/half_round_trip_us", row, show(h.half_round_trip_us[row]) + " (0 or more)");
  }

  struct Away {
    bool suspected = false, lost = false;
  };

  const SoundInference& in_;
  const InferenceResults& r_;
  Violations& violations_;
  std::map<std::pair<std::int64_t, std::string>, double> latest_;
  std::map<std::tuple<std::int64_t, std::string, std::string>, Away> away_;
};

}  // namespace

void check_transport(const SoundInference& inference, Violations& violations) {
  TransportCheck(inference, violations).run();
}

}  // namespace deepfog::verification
