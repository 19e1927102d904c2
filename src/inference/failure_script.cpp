#include "inference/failure_script.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "inference/failure_script_reader.hpp"
#include "inference/failure_script_words.hpp"
#include "inference/node_links.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

bool covers(const FailureEvent& event, std::int64_t round) {
  return event.first_round <= round && round <= event.last_round;
}

void refuse_zero_bytes(const std::string& text, const std::string& where) {
  const auto zero = std::find(text.begin(), text.end(), '\0');
  if (zero == text.end()) return;
  const int line = 1 + static_cast<int>(std::count(text.begin(), zero, '\n'));
  throw UserError(at_line(where, line), "a zero byte", "a failure script is plain text");
}

}  // namespace

FailureScript FailureScript::parse(const std::string& text, const std::string& where,
                                   const Topology& topology) {
  FailureScript script;
  for (const auto& node : topology.nodes()) script.node_names_.push_back(node.name);
  for (int link = 0; link < static_cast<int>(topology.hyperconnections().size()); ++link) {
    script.link_names_.push_back(link_name(topology, link));
  }
  refuse_zero_bytes(text, where);
  const FailureScriptReader reader(topology);
  int seed_line = 0;
  std::map<int, int> crash_lines;
  for (const Statement& statement : split_statements(text, where)) {
    if (statement.words[0] == "seed") {
      if (statement.words.size() != 2)
        throw UserError(statement.where, "malformed seed statement", "seed NUMBER");
      if (seed_line != 0) {
        throw UserError(statement.where, "a second seed statement",
                        "one a script; the first is on line " + std::to_string(seed_line));
      }
      script.seed_ = read_seed(statement.words[1], statement.where);
      seed_line = statement.line;
      continue;
    }
    const FailureEvent event = reader.read(statement);
    if (event.kind == FailureKind::crash && !crash_lines.emplace(event.node, statement.line).second) {
      throw UserError(statement.where, "node " + quoted(statement.words[1]) + " crashes twice",
                      "once; the first time is on line " + std::to_string(crash_lines[event.node]));
    }
    script.events_.push_back(event);
  }
  script.seed_draws();
  return script;
}

/// The seed of a statement depends on its index among the statements of the same kind and link, so that a
/// line added elsewhere does not change its draws.
void FailureScript::seed_draws() {
  std::map<std::pair<FailureKind, int>, std::int64_t> ranks;
  for (const FailureEvent& event : events_) {
    const std::string link = event.link < 0 ? "" : link_names_[static_cast<std::size_t>(event.link)];
    draw_seeds_.push_back(derive_seed(seed_, "failure script", link, ranks[{event.kind, event.link}]++,
                                      failure_word(event.kind)));
  }
}

std::string FailureScript::text() const {
  if (events_.empty()) return "";
  std::string result = "seed " + std::to_string(seed_) + "\n";
  for (const FailureEvent& event : events_) {
    const bool one_round = event.kind == FailureKind::crash || event.kind == FailureKind::hang;
    result += failure_word(event.kind) + " " +
              (event.link >= 0 ? link_names_[static_cast<std::size_t>(event.link)]
                               : node_names_[static_cast<std::size_t>(event.node)]);
    result += (one_round ? " round " : " rounds ") + format_rounds(event.first_round, event.last_round);
    if (event.length_us > 0) result += (one_round ? " for " : " by ") + format_time(event.length_us);
    if (event.probability != 1) result += " with " + format_probability(event.probability);
    result += "\n";
  }
  return result;
}

bool FailureScript::silent(int node, std::int64_t round) const {
  return std::any_of(events_.begin(), events_.end(), [&](const FailureEvent& event) {
    return event.kind == FailureKind::silence && event.node == node && covers(event, round);
  });
}

bool FailureScript::crashes(int node, std::int64_t round) const {
  return std::any_of(events_.begin(), events_.end(), [&](const FailureEvent& event) {
    return event.kind == FailureKind::crash && event.node == node && covers(event, round);
  });
}

std::int64_t FailureScript::sum_us(FailureKind kind, int node, std::int64_t round) const {
  std::int64_t sum = 0;
  for (const FailureEvent& event : events_) {
    if (event.kind == kind && event.node == node && covers(event, round)) sum += event.length_us;
  }
  return sum;
}

std::int64_t FailureScript::slow_us(int node, std::int64_t round) const {
  return sum_us(FailureKind::slow, node, round);
}

std::int64_t FailureScript::hang_us(int node, std::int64_t round) const {
  return sum_us(FailureKind::hang, node, round);
}

bool FailureScript::drawn(std::size_t event, std::int64_t round) const {
  RandomStream stream(derive_seed(draw_seeds_[event], "", "", round, ""));
  return stream.uniform() < events_[event].probability;
}

bool FailureScript::loses(int link, std::int64_t round) const {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const FailureEvent& event = events_[i];
    if (event.kind != FailureKind::lose || event.link != link || !covers(event, round)) continue;
    if (drawn(i, round)) return true;
  }
  return false;
}

std::int64_t FailureScript::delay_us(int link, std::int64_t round) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const FailureEvent& event = events_[i];
    if (event.kind != FailureKind::delay || event.link != link || !covers(event, round)) continue;
    if (drawn(i, round)) sum += event.length_us;
  }
  return sum;
}

}  // namespace deepfog
