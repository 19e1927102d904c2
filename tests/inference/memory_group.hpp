#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "comm/memory_channel.hpp"
#include "inference/round_driver.hpp"
#include "models/node_network.hpp"

namespace deepfog {

/// A whole group of nodes in one process on simulated time. Every node has its own weights, and every message
/// is encoded, sent and decoded as between ranks.
class MemoryGroup : public RoundDriverSink {
 public:
  struct Options {
    std::uint64_t seed = 1;
    MemoryNetworkOptions network;
    NodeOptions node;
    MessengerOptions messenger;
    RoundDriverOptions round_driver;
    std::int64_t until_us = 600'000'000;   ///< simulated
    std::vector<std::int64_t> compute_us;  ///< [nodes] simulated time per stage; empty: no time
    std::function<void(MemoryGroup&, int place)> before_step;
    std::function<void(Weights&)> edit_weights;  ///< applied before the nodes get them
  };

  /// Random weights and random samples, derived from the seed.
  MemoryGroup(const Topology& topology, std::vector<Phase> plan, const std::string& script, Options options);
  ~MemoryGroup() override;

  /// Runs to the end; returns false if it has not finished by until_us.
  bool run();

  /// Number of answers that differ from what the network computes from the messages that arrived. The first
  /// is described on standard error.
  int wrong_answers() const;
  /// Number of rounds whose answer is not forward(inputs, combination of the phase).
  int unlike_plan() const;
  /// What verify() would reject in a group's record: rounds without an answer, answered twice, or with a used
  /// hyperconnection that timed out; members that return without having gone. One line each.
  std::vector<std::string> oddities() const;
  std::vector<std::int64_t> latencies_us() const;

  const std::vector<RoundRecord>& rounds() const { return rounds_; }
  const std::vector<PhaseRecord>& phases() const { return phases_; }
  const std::vector<NodeReport>& reports() const { return reports_; }
  const Node& node(int place) const;
  const Messenger& messenger(int place) const;
  RoundDriver& round_driver() { return *round_driver_; }
  MemoryNetwork& network() { return network_; }
  SampleView samples(std::int64_t begin, std::int64_t rows) const;

  void round(const RoundRecord& record) override { rounds_.push_back(record); }
  void phase(const PhaseRecord& record) override { phases_.push_back(record); }
  void report(const NodeReport& report) override { reports_.push_back(report); }

 private:
  struct Place;
  std::int64_t step(int place);
  Topology topology_;
  std::vector<Phase> plan_;
  FailureScript script_;
  Options options_;
  MemoryNetwork network_;
  SampleSet samples_;
  std::vector<Columns> columns_;
  std::unique_ptr<SimulatedNetwork> simulated_;
  std::vector<std::unique_ptr<Place>> places_;
  std::unique_ptr<RoundDriver> round_driver_;
  std::vector<RoundRecord> rounds_;
  std::vector<PhaseRecord> phases_;
  std::vector<NodeReport> reports_;
};

}  // namespace deepfog
