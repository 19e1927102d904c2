#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// What a script does to a node or a hyperconnection. `silence`: neither data nor heartbeats leave the node.
/// `crash`: the rank kills itself by SIGKILL. `hang`: SIGSTOP, then SIGCONT after `length_us`. `slow`: every
/// stage takes `length_us` longer. `lose`: a message on the link is dropped. `delay`: a message leaves
/// `length_us` later.
enum class FailureKind { silence, crash, hang, slow, lose, delay };

struct FailureEvent {
  FailureKind kind = FailureKind::silence;
  int node = -1;                 ///< index into Topology::nodes(): silence, crash, hang, slow
  int link = -1;                 ///< index into Topology::hyperconnections(): lose, delay
  std::int64_t first_round = 0;  ///< counted over the whole run, from 0
  std::int64_t last_round = 0;   ///< inclusive; crash and hang have first_round only
  std::int64_t length_us = 0;
  double probability = 1.0;
};

/// A reproducible sequence of failures, the same on every rank. The text form has one statement per line, in
/// any order; `#` begins a comment. Rounds are N, N..M or N.. (`round` and `rounds` mean the same), a time is
/// a number with its unit, and a link is named by its two stages:
///   seed 7
///   silence f2 rounds 10..20
///   crash   e1 round 50
///   hang    f1 round 30 for 200ms
///   slow    e2 rounds 0..99 by 5ms
///   lose    e1->f2 rounds 0.. with .1
///   delay   e1->f2 rounds 5..10 by 3ms with .5
/// `with` gives the probability, drawn independently in each round; it is 1 if left out, and so is the seed.
/// A node crashes at most once. Only links between two physical nodes can lose or delay messages: the others
/// carry none, because the nodes next to a source read the data themselves.
class FailureScript {
 public:
  FailureScript() = default;

  /// Throws UserError "where:line: what (allowed)"; the message suggests the nearest known name for an
  /// unknown node, link or keyword. The last node may crash, hang or be slow like any other.
  static FailureScript parse(const std::string& text, const std::string& where, const Topology& topology);

  const std::vector<FailureEvent>& events() const { return events_; }
  bool empty() const { return events_.empty(); }
  std::string text() const;  ///< canonical: parse(text()) gives the same script; empty if there are no events

  bool silent(int node, std::int64_t round) const;
  /// The sum over all slow events that apply.
  std::int64_t slow_us(int node, std::int64_t round) const;
  bool crashes(int node, std::int64_t round) const;
  /// The sum over all hang events that apply; 0 if the node does not hang.
  std::int64_t hang_us(int node, std::int64_t round) const;
  /// The draw depends on (seed, statement, link, round) alone, so neither the order of calls nor the rank
  /// matters. Several statements about one link draw independently.
  bool loses(int link, std::int64_t round) const;
  /// The sum over the delay events that were drawn; 0: none.
  std::int64_t delay_us(int link, std::int64_t round) const;

 private:
  void seed_draws();
  std::int64_t sum_us(FailureKind kind, int node, std::int64_t round) const;
  bool drawn(std::size_t event, std::int64_t round) const;

  std::uint64_t seed_ = 1;
  std::vector<FailureEvent> events_;
  std::vector<std::uint64_t> draw_seeds_;             ///< one per event
  std::vector<std::string> node_names_, link_names_;  ///< for text()
};

/// Converts "5ms", "200us", "1.5s" or "250" (microseconds) to whole microseconds, at most one day. Throws
/// UserError, which names `where`. In scripts the unit is mandatory.
std::int64_t parse_time_us(const std::string& text, const std::string& where);

}  // namespace deepfog
