#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace deepfog {

/// What was planned: a phase is a stretch of rounds under one timeout and one failure combination.
struct InferencePhases {
  std::vector<std::string> name;           ///< [phases]
  std::vector<std::uint64_t> combination;  ///< [phases] bit i: failing node i is alive by plan
  std::vector<double> timeout_us;          ///< [phases] of a hyperconnection, a hop
  std::vector<std::uint8_t> script;        ///< [phases] 1: the failure script is in force
  std::vector<std::int64_t> rounds;        ///< [phases] planned
  std::vector<double> settle_us;           ///< [phases] until everybody knew who is dead; NaN: not waited for
};

/// What happened, a row a round, in the order of (group, round).
struct InferenceRounds {
  std::vector<std::int64_t> group, phase, round;    ///< [rounds] round counts over the group's whole run
  std::vector<std::int64_t> first_sample, samples;  ///< [rounds] rows in use, see labels
  std::vector<double> arrival_us;                   ///< [rounds] of the frame, since the group's start
  std::vector<double> latency_us;                   ///< [rounds] from arrival to the class at the last node
  std::vector<std::int64_t>
      waited_for;                  ///< [rounds] hyperconnection the last stage had to wait for longest; -1
  std::vector<std::uint8_t> used;  ///< [rounds, links] 1: its vector went into the answer
  std::vector<std::uint8_t> timed_out;  ///< [rounds, links] 1: given up at its deadline
  std::vector<std::int64_t> correct;    ///< [rounds] correct predictions; none where Φ reached the last node
  std::vector<std::int64_t> prediction;  ///< [sum of samples] class, -1: Φ reached the last node, guessed
  std::vector<std::int64_t> exit;  ///< [sum of samples] that answered, by place among the exits, -1: Φ;
                                   ///< empty: a network without exits
};

struct InferenceNodes {                ///< a row a (group, node), topology order
  std::vector<std::int64_t> group;     ///< [rows]
  std::vector<std::string> node;       ///< [rows]
  std::vector<std::uint8_t> reported;  ///< [rows] 0: died or was cut off; its figures are then 0
  std::vector<std::int64_t> epoch;     ///< [rows] its last
  std::vector<double> compute_us, wait_us, idle_us;                     ///< [rows]
  std::vector<std::int64_t> resident_bytes, malformed, rounds_skipped;  ///< [rows]
  std::vector<double> energy_j;                                         ///< [rows] NaN: not available
};

struct InferenceLinks {             ///< a row a (group, hyperconnection), file order
  std::vector<std::int64_t> group;  ///< [rows]
  std::vector<std::string> link;    ///< [rows] "e1->f2"
  std::vector<std::uint8_t> local;  ///< [rows] 1: no message needed (a source, or stages of one node)
  std::vector<std::int64_t> messages, phis;  ///< [rows] sent with a vector; sent as Φ
  std::vector<std::int64_t> bytes_measured,
      bytes_predicted;  ///< [rows] sent; predicted: what the values take by their form
  std::vector<std::int64_t> arrived, late, duplicates, timeouts, lost,
      delayed;  ///< [rows] lost: by the script
};

struct InferenceMembership {  ///< a row a transition, by time
  std::vector<std::int64_t> group;
  std::vector<std::string> observer, peer;
  std::vector<std::string> event;  ///< suspected | returned | lost (the transport said so)
  std::vector<double> time_us;     ///< of the observer, since its start
  std::vector<std::int64_t> epoch, round;
};

struct InferenceHops {  ///< built-in ping-pong before the run, a row a (group, remote hyperconnection)
  std::vector<std::int64_t> group;
  std::vector<std::string> link;
  std::vector<std::int64_t> bytes;
  std::vector<double> half_round_trip_us;  ///< median
};

/// One distributed run: group /inference/<name> of a results file.
struct InferenceResults {
  std::string name;
  std::map<std::string, std::string> text;       ///< experiment, model, dataset, scenario, ending ...
  std::map<std::string, std::int64_t> integers;  ///< groups, depth, header_bytes ...
  std::map<std::string, double> numbers;         ///< rate, guess_accuracy ...
  std::string topology_text, script_text;
  std::vector<std::string> links, failing;  ///< hyperconnections in file order; nodes in vector order
  std::vector<std::int64_t> labels;         ///< [samples used] of the test split: every `stride`-th row
  InferencePhases phases;
  InferenceRounds rounds;
  InferenceNodes nodes;
  InferenceLinks link_counts;
  InferenceMembership membership;
  InferenceHops hops;
};

}  // namespace deepfog
