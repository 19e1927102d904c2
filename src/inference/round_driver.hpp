#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/seed.hpp"
#include "inference/node.hpp"

namespace deepfog {

/// When frames arrive, in MLPerf's terms. Single stream: the next frame arrives when the last one is
/// answered. Offline: all frames arrive at once, and `depth` of them are in flight. Server: frames arrive in
/// a Poisson process of `rate` frames per second, and at most `depth` are in flight; the latency counts from
/// the arrival.
enum class Scenario { single_stream, offline, server };

struct RoundDriverOptions {
  Scenario scenario = Scenario::single_stream;
  int depth = 1;                       ///< most rounds in flight; limited by NodeOptions::window
  double rate = 0;                     ///< frames per second
  std::uint64_t seed = 1;              ///< of the arrivals
  std::int64_t batch = 1;              ///< samples per round; the last round of a phase may have fewer
  int groups = 1, group = 0;           ///< see frames_of()
  std::int64_t settle_us = 2'000'000;  ///< how long a phase waits at most until all nodes know which ones are
                                       ///< dead
  std::int64_t report_us = 2'000'000;  ///< how long the end waits for the reports at most
  int most_repeats = 20;               ///< of one frame, in phases that settle
};

/// A round as the last node saw it.
struct RoundRecord {
  Frame frame;
  std::int64_t arrival_us = 0, latency_us = 0;  ///< arrival: since the start; latency: since the arrival
  bool phi = false;
  int waited_for = -1;
  LinkSet used, timed_out;
  std::vector<std::int64_t> predictions;  ///< [rows]; empty: Φ; -1: no exit has answered
  std::vector<std::int64_t> exits;  ///< [rows] index of the exit that answered; empty: Φ, or the network has
                                    ///< no exits
};

/// The outcome of one phase apart from its rounds.
struct PhaseRecord {
  int phase = 0;
  std::int64_t settle_us = -1;  ///< time until the phase was settled; -1: it does not settle, or it did not
                                ///< succeed in time
  std::int64_t repeats = 0;     ///< rounds repeated because a live node's message was missed
};

/// Receives the records of the round driver as soon as they are complete.
class RoundDriverSink {
 public:
  virtual ~RoundDriverSink() = default;
  virtual void round(const RoundRecord& record) = 0;
  virtual void phase(const PhaseRecord& record) = 0;
  virtual void report(const NodeReport& report) = 0;
};

/// Runs beside the last node: it begins the rounds of the plan's phases, records the answers and gathers the
/// reports. No round is ever lost, since the last node's own deadlines lead to an answer for each.
class RoundDriver {
 public:
  RoundDriver(Node& node, Messenger& messenger, const std::vector<Phase>& plan,
              const RoundDriverOptions& options, RoundDriverSink& sink);

  /// Call this after each step of the node; it returns when to call it again at the latest.
  std::int64_t step();
  bool finished() const { return stage_ == Stage::finished; }
  void interrupt();  ///< begins no new rounds: those in flight end, then the reports are gathered
  bool interrupted() const { return interrupted_; }
  bool all_reported() const;
  /// Tells all nodes to leave; call it once the results are stored. `clean`: nobody died, so MPI may be
  /// finalised.
  void dismiss(bool clean);
  std::int64_t rounds_done() const { return answered_; }
  std::int64_t rounds_planned() const { return planned_; }

 private:
  enum class Stage { settling, running, reporting, finished };
  struct Flight {
    Frame frame;
    std::int64_t arrival_us = 0;
    int repeats = 0;
  };
  void start_phase(int phase);
  void end_phase();
  void write_rounds();
  bool settled() const;
  void feed(std::int64_t now_us);
  std::optional<Flight> next_flight(std::int64_t now_us);
  void open(Flight flight);
  void take(const Answer& answer);
  bool wants_repeat(const Flight& flight, const Answer& answer) const;
  void hear(const Delivery& delivery);
  void announce(MessageKind kind, const Frame& frame, bool to_suspected);
  std::int64_t oldest() const;
  bool planned_alive(int node) const;
  void write_off();
  bool misses_somebody() const;
  bool full() const;
  bool frames_left() const;  ///< frames of this phase that have not been begun
  bool nothing_to_wait_for(std::int64_t now_us) const;

  Node& node_;
  Messenger& messenger_;
  const std::vector<Phase>& plan_;
  RoundDriverOptions options_;
  RoundDriverSink& sink_;
  std::vector<std::vector<int>> peers_;           ///< of each node
  std::vector<std::vector<std::uint8_t>> views_;  ///< each node's latest view of which nodes are suspected
  /// Nodes that were suspected against the plan when settling timed out (real deaths): nobody waits for them
  /// or repeats rounds for their sake.
  std::vector<bool> written_off_;
  std::vector<bool> reported_, was_suspected_;
  std::vector<int> phases_;  ///< of this group
  std::size_t at_ = 0;       ///< index into phases_
  Stage stage_ = Stage::settling;
  PhaseRecord record_;
  LinkSet expected_;
  std::map<std::int64_t, Flight> flying_;
  std::vector<Flight> again_;
  std::vector<RoundRecord> unwritten_;
  RandomStream arrivals_;
  std::int64_t next_round_ = 0, next_frame_ = 0, next_arrival_us_ = 0, answered_ = 0, planned_ = 0;
  std::int64_t started_us_, since_us_ = 0, announced_us_ = 0;
  bool interrupted_ = false, news_ = false;
};

/// Number of frames that a phase of the plan has for one group, `batch` samples each. If the plan has one
/// phase, frame f belongs to group f mod groups; if it has more, phase p belongs to group p mod groups.
std::int64_t frames_of(const std::vector<Phase>& plan, int phase, std::int64_t batch, int groups, int group);
bool phase_is_of(const std::vector<Phase>& plan, int phase, int groups, int group);

}  // namespace deepfog
