#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/seed.hpp"
#include "inference/node.hpp"

namespace deepfog {

/// When frames arrive, in MLPerf's words. Single stream: the next when the last one is answered. Offline: all
/// at once, `depth` in flight. Server: a Poisson process of `rate` frames a second, at most `depth` in
/// flight; latency counts from the arrival.
enum class Scenario { single_stream, offline, server };

struct RoundDriverOptions {
  Scenario scenario = Scenario::single_stream;
  int depth = 1;                       ///< rounds in flight; no more than NodeOptions::window
  double rate = 0;                     ///< frames a second
  std::uint64_t seed = 1;              ///< of the arrivals
  std::int64_t batch = 1;              ///< samples a round; the last of a phase may have fewer
  int groups = 1, group = 0;           ///< see frames_of()
  std::int64_t settle_us = 2'000'000;  ///< most that a phase waits for everybody to know who is dead
  std::int64_t report_us = 2'000'000;  ///< most that the end waits for the reports
  int most_repeats = 20;               ///< of one frame, in phases that settle
};

/// A round as the last node saw it.
struct RoundRecord {
  Frame frame;
  std::int64_t arrival_us = 0, latency_us = 0;  ///< since the start
  bool phi = false;
  int waited_for = -1;
  LinkSet used, timed_out;
  std::vector<std::int64_t> predictions;  ///< [rows]; empty: Φ; -1: no exit has answered
  std::vector<std::int64_t> exits;  ///< [rows] that answered, by place; empty: Φ, or none in the network
};

/// How one phase went, beside its rounds.
struct PhaseRecord {
  int phase = 0;
  std::int64_t settle_us = -1;  ///< -1: not waited for, or in vain
  std::int64_t repeats = 0;     ///< rounds done once more because a live node's message was missed
};

/// Where the round driver's findings go, at once.
class RoundDriverSink {
 public:
  virtual ~RoundDriverSink() = default;
  virtual void round(const RoundRecord& record) = 0;
  virtual void phase(const PhaseRecord& record) = 0;
  virtual void report(const NodeReport& report) = 0;
};

/// The last node's second task: begins the rounds of the plan's phases, records the answers, gathers the
/// reports. No round is ever lost: the last node's own deadlines answer each.
class RoundDriver {
 public:
  RoundDriver(Node& node, Messenger& messenger, const std::vector<Phase>& plan,
              const RoundDriverOptions& options, RoundDriverSink& sink);

  /// To be called after each step of the node; returns when to call again at the latest.
  std::int64_t step();
  bool finished() const { return stage_ == Stage::finished; }
  void interrupt();  ///< no new rounds: those in flight end, then the reports
  bool interrupted() const { return interrupted_; }
  bool all_reported() const;
  /// After the results are safe: tells everybody to leave. `clean`: nobody died, MPI may be finalised.
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
  bool frames_left() const;  ///< that have not been begun, in this phase
  bool nothing_to_wait_for(std::int64_t now_us) const;

  Node& node_;
  Messenger& messenger_;
  const std::vector<Phase>& plan_;
  RoundDriverOptions options_;
  RoundDriverSink& sink_;
  std::vector<std::vector<int>> peers_;           ///< of each node
  std::vector<std::vector<std::uint8_t>> views_;  ///< each node's last word on who is suspected
  /// Did not settle as the plan has it (a real death): nobody waits for it, or repeats rounds for its sake.
  std::vector<bool> written_off_;
  std::vector<bool> reported_, was_suspected_;
  std::vector<int> phases_;  ///< this group's
  std::size_t at_ = 0;       ///< into phases_
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

/// Frames of a phase in samples [begin, end) of `batch`; with several groups and one phase, frame f belongs
/// to group f mod groups; with more phases, phase p belongs to group p mod groups.
std::int64_t frames_of(const std::vector<Phase>& plan, int phase, std::int64_t batch, int groups, int group);
bool phase_is_of(const std::vector<Phase>& plan, int phase, int groups, int group);

}  // namespace deepfog
