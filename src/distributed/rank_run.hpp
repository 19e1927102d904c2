#pragma once

#include <memory>

#include "comm/mpi_channel.hpp"
#include "distributed/rank_interfaces.hpp"
#include "distributed/run.hpp"
#include "inference/machine_meters.hpp"

namespace deepfog {

/// One physical node in one rank: creates all it needs and serves until the run is over.
class RankRun {
 public:
  /// Loads the weights and samples of the node. Sends nothing yet.
  RankRun(const Communicator& world, const Job& job, const RunFacts& facts, bool lowest_of_host);

  /// Call this when every rank is ready: from then on silence counts.
  /// @param records  receives the records on the last node; null on other nodes
  void begin(RoundDriverSink* records);

  /// Runs until the last node dismisses this one or, on the last node, until all reports have arrived.
  NodeEnding serve(const RunHooks& hooks);
  bool interrupted() const { return round_driver_ != nullptr && round_driver_->interrupted(); }
  bool everybody_reported() const { return round_driver_ != nullptr && round_driver_->all_reported(); }
  NodeReport report() const { return node_->report(); }
  /// One step during other work: sends heartbeats and handles what has arrived.
  void attend() { node_->step(); }
  /// On the last node: tells the others to leave, and waits up to a second until they have received it.
  void dismiss(bool clean);

 private:
  std::int64_t step_round_driver(const RunHooks& hooks);
  const Job& job_;
  const RunFacts& facts_;
  int group_;
  MpiChannel channel_;
  NodeLinks node_links_;
  RankEngine engine_;
  RankSamples samples_;
  RankMachine machine_;
  MachineMeters meters_;
  Messenger messenger_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<RoundDriver> round_driver_;
  std::int64_t wait_us_ = 0, idle_us_ = 0;
};

}  // namespace deepfog
