#pragma once

#include <memory>

#include "comm/mpi_channel.hpp"
#include "distributed/rank_interfaces.hpp"
#include "distributed/run.hpp"
#include "inference/machine_meters.hpp"

namespace deepfog {

/// One physical node in one rank: builds what it needs, serves until the run is over.
class RankRun {
 public:
  /// Loads the weights and samples of the node. Sends nothing yet.
  RankRun(const Communicator& world, const Job& job, const RunFacts& facts, bool lowest_of_host);

  /// To be called when every rank is ready: from here on silence means something.
  /// @param records  where they go, on the last node; null elsewhere
  void begin(RoundDriverSink* records);

  /// Until the last node dismisses this one, or, on the last node, until all reports are in.
  NodeEnding serve(const RunHooks& hooks);
  bool interrupted() const { return round_driver_ != nullptr && round_driver_->interrupted(); }
  bool everybody_reported() const { return round_driver_ != nullptr && round_driver_->all_reported(); }
  NodeReport report() const { return node_->report(); }
  /// A step beside other work: heartbeats, and whatever has arrived.
  void attend() { node_->step(); }
  /// On the last node: tells the others to leave, and waits a moment until they have taken it.
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
