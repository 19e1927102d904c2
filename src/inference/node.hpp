#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "inference/adaptive_timeout.hpp"
#include "inference/failure_script.hpp"
#include "inference/messenger.hpp"
#include "inference/node_interfaces.hpp"
#include "inference/node_report.hpp"
#include "inference/round_window.hpp"

namespace deepfog {

struct NodeOptions {
  std::map<int, std::int64_t> link_timeouts_us;  ///< of hyperconnections with their own timeout
  int window = 16;                               ///< most rounds in hand at once
  std::int32_t most_rows = 1;                    ///< most samples per round
  std::int64_t samples = 0;                      ///< of the test split
  std::int64_t least_timeout_us = 50;            ///< lower bound of adaptive timeouts
  std::int64_t orphan_us = 5'000'000;            ///< the run is over if the last node is suspected for longer
  std::int64_t deadline_us = 0;                  ///< on the channel's clock; the run ends then in any case;
                                                 ///< 0: none
};

enum class NodeEnding { none, clean, after_deaths, orphaned, out_of_time };

/// A physical node at work (deepFogGuard, section 3): it waits for each incoming hyperconnection until a
/// deadline, adds what arrived, computes, and sends along every outgoing hyperconnection. It is driven by
/// step() and never blocks. It does not know MPI: a Channel carries its messages, in a rank or in a
/// simulation.
class Node {
 public:
  Node(Messenger& messenger, const std::vector<Phase>& plan, const FailureScript& script, StageEngine& engine,
       SampleSource& samples, Machine& machine, const NodeOptions& options);

  /// Does everything that can be done now. Returns when it must be called again even if no message arrives.
  std::int64_t step();
  NodeEnding ending() const { return ending_; }
  bool busy() const { return window_.any_begun(); }
  int window() const { return options_.window; }  ///< most rounds in hand at once

  /// Called when the node is asked for its report, to fill in what only the rank knows (memory, energy,
  /// times).
  void on_report(std::function<void(NodeReport&)> fill) { fill_report_ = std::move(fill); }
  NodeReport report() const;

  // For the round driver, on the last node only.
  void on_answer(AnswerSink sink) { answer_ = std::move(sink); }
  void on_other(std::function<void(const Delivery&)> other) { other_ = std::move(other); }
  /// Begins a round on this node, too. Rounds before `oldest` are over.
  void begin(const Frame& frame, std::int64_t oldest);
  /// Takes the newest frame or the coming phase, and decides whether the node simulates its own death.
  void hear_news(const Frame& news);
  void hear_oldest(std::int64_t oldest);
  void end(NodeEnding ending) { ending_ = ending; }

 private:
  struct Delayed {
    int to = 0;
    MessageHeader header;
    StageWork work;
  };
  void drain();
  void pump();
  void take(Delivery& delivery);
  void take_message(Delivery& delivery);
  void take_word(const Delivery& delivery);
  bool sensible(const Frame& frame) const;
  bool dead_in(const Frame& frame) const;
  void suffer(const Frame& news);
  void begin_round(Round& round, const Frame& frame);

  void advance();
  bool advance_stage(Round& round, int k);
  bool ready(const Round& round, int k) const;
  bool given_up(const Round& round, int k, std::size_t input) const;
  bool answered_early(const Round& round, int k, std::size_t input) const;
  bool in_turn(std::int64_t round, int k) const;
  std::int64_t due_us(const Round& round, int k, std::size_t input) const;
  void fire(Round& round, int k);
  void deliver(Round& round, int k);
  void release(Round& round, int k);
  bool play_dead(Round& round, int k);
  void answer(const Round& round, int k);
  void send_output(Round& round, int k, int link);
  void send_now(int to, const MessageHeader& header, const StageWork& work);
  void release_delayed();
  std::int64_t patient_until_us(const Round& round, int k) const;
  std::int64_t next_us() const;
  void check_ending();

  Messenger& messenger_;
  const NodeLinks& node_links_;
  const std::vector<Phase>& plan_;
  const FailureScript& script_;
  StageEngine& engine_;
  SampleSource& samples_;
  Machine& machine_;
  NodeOptions options_;
  RoundWindow window_;
  std::vector<AdaptiveTimeout> adaptive_timeout_;    ///< one per stage
  std::vector<std::int64_t> stage_done_us_;          ///< per stage: when it finished its last round
  std::vector<std::vector<std::int64_t>> received_;  ///< per hyperconnection: ring of (round + 1), to detect
                                                     ///< duplicates
  std::vector<LinkCounts> counts_;                   ///< one per hyperconnection
  std::multimap<std::int64_t, Delayed> delayed_;     ///< by the time at which they leave
  std::vector<bool> suffered_;                       ///< per event of the script: it has happened
  Frame news_;
  std::int64_t started_us_, compute_us_ = 0, skipped_ = 0, orphan_since_us_ = -1, oldest_ = 0;
  bool advancing_ = false;
  NodeEnding ending_ = NodeEnding::none;
  AnswerSink answer_;
  std::function<void(const Delivery&)> other_;
  std::function<void(NodeReport&)> fill_report_;
};

}  // namespace deepfog
