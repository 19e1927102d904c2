#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "comm/memory_channel.hpp"
#include "inference/node.hpp"

namespace deepfog {

/// One real node among simulated peers that send only what a test tells them to, on simulated time. Its
/// engine adds its inputs, and its sensor reads the number of the sample. Every message travels for
/// kLatencyUs. Unless a test asks for it, no peer is ever suspected.
class LoneNode : public StageEngine, public SampleSource, public Machine {
 public:
  static constexpr std::int64_t kLatencyUs = 10;
  static constexpr std::uint64_t kRun = 4'711;
  /// Nodes a, b, m and server (ranks 0 to 3); links s->a, s->b, a->m, b->m, m->server, a->server (0 to 5).
  /// All vectors are two wide.
  static Topology topology();

  struct Options {
    NodeOptions node;
    MessengerOptions messenger{kRun, 1'000'000, 1'000'000'000'000};
    std::string script;
  };
  static Options options();  ///< batches of up to 4 of 1000 samples, 8 rounds in hand

  LoneNode(int place, std::vector<Phase> plan, const Options& options = LoneNode::options());

  /// Sends a message of `from`, under epoch 1 unless the header says otherwise.
  void say(int from, MessageHeader header, const std::vector<char>& payload = {});
  void go(const Frame& frame, std::int64_t oldest = 0);
  /// Sends a vector, or Φ if `values` is empty, with the link sets that a sender would fill in.
  void message(int from, int link, const Frame& frame, const std::vector<float>& values,
               const std::vector<int>& used = {}, const std::vector<int>& timed_out = {});
  void raw(int from, std::vector<char> bytes);

  void run_until(std::int64_t until_us);
  void run_for(std::int64_t us) { run_until(network.now_us() + us); }

  /// A message that has arrived at another rank since the last call, heartbeats included.
  struct Heard {
    MessageHeader header;
    std::vector<float> values;
    LinkSet used, timed_out;
    std::vector<char> payload;
    std::int64_t time_us = 0;  ///< of its arrival, if it was received at once
  };
  std::vector<Heard> heard(int place);
  /// The same, but only messages along hyperconnections.
  std::vector<Heard> messages(int place);

  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) override;
  const float* rows(int source, std::int64_t first, std::int64_t rows) override;
  void crash() override { ++crashes; }
  void hang(std::int64_t length_us) override { hung_us.push_back(length_us); }

  Topology network_topology;
  std::vector<Phase> plan;
  FailureScript script;
  MemoryNetwork network;
  NodeLinks node_links;
  Messenger messenger;
  Node node;
  int crashes = 0;
  std::vector<std::int64_t> hung_us;
  std::function<void()> while_computing;  ///< called during each computation; may be empty

 private:
  int place_;
  std::vector<float> buffer_;
};

/// A phase of 1000 samples in which every node works.
Phase one_phase(std::int64_t timeout_us);

/// LinkSet of these members over the links of LoneNode::topology(), to compare with.
LinkSet links_of(const std::vector<int>& members);

}  // namespace deepfog
