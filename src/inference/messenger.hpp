#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "comm/channel.hpp"
#include "inference/membership.hpp"
#include "inference/message.hpp"
#include "inference/node_links.hpp"

namespace deepfog {

struct MessengerOptions {
  std::uint64_t run = 0;               ///< the same on every node of the run, and different in every other
                                       ///< run
  std::int64_t heartbeat_us = 20'000;  ///< between heartbeats
  std::int64_t limit_us = 200'000;     ///< a peer silent for longer is suspected
};

/// A received message of this run with a valid header.
struct Delivery {
  int from = 0;
  MessageHeader header;
  std::vector<char> bytes;
};

/// Sends and receives a node's messages: fills in headers, sends heartbeats and tracks membership. Data is
/// not sent to a suspected peer; only heartbeats and the last node's announcements are (the callers see to
/// it).
class Messenger {
 public:
  Messenger(Channel& channel, const NodeLinks& node_links, const MessengerOptions& options);

  std::int64_t now_us() const { return channel_.now_us(); }
  void wait(std::int64_t until_us) { channel_.wait(until_us); }

  /// Returns the next message for the node, heartbeats included, since they carry the newest frame and the
  /// peers' views. Bytes that cannot be a message of this run are counted and dropped.
  std::optional<Delivery> next();
  void refuse() { ++malformed_; }  ///< counts a message that made no sense to the node
  std::int64_t malformed() const { return malformed_ + channel_.malformed(); }

  /// Returns false if the channel's allowance for this peer is used up; the message is then lost.
  bool send(int to, MessageHeader header, const std::vector<char>& payload = {});
  /// Returns the bytes that went to the channel; 0 if the message was refused as in send().
  std::size_t send_vector(int to, MessageHeader header, const LinkSet& used, const LinkSet& timed_out,
                          const float* values);

  /// Sends heartbeats when they are due and looks for peers that have gone silent. Call it often, and only
  /// after next() has emptied the queue: a peer whose messages are still unread is not silent.
  void tend(std::int64_t now_us);
  std::int64_t next_us() const;  ///< when tend() next has something to do
  /// A message of the peer has missed its deadline. If two heartbeats are missing as well, the peer is
  /// suspected now instead of after `limit_us`, so that the next round does not wait for it again.
  void doubt(int peer);

  /// A silent node sends no heartbeats; when it ends its silence, it takes a higher epoch.
  void be_silent(bool silent, std::int64_t now_us);
  bool silent() const { return silent_; }
  /// What heartbeats say about the run; receivers heed it only from the last node.
  void tell(const Frame& newest, std::int64_t oldest) {
    newest_ = newest;
    oldest_ = oldest;
  }

  std::uint32_t epoch() const { return epoch_; }
  Membership& membership() { return membership_; }
  const Membership& membership() const { return membership_; }
  bool suspects(int peer) const { return membership_.suspected(peer); }
  /// The peer's latest message says that it suspects this node, so it sends no data and there is nothing to
  /// wait for. A later message without the suspicion resets this.
  bool shunned_by(int peer) const { return shunned_by_[static_cast<std::size_t>(peer)]; }
  const NodeLinks& node_links() const { return node_links_; }

 private:
  void beat(std::int64_t now_us);
  void renew(std::int64_t now_us);
  void notice_absence(std::int64_t now_us);
  void fill(MessageHeader& header) const;
  void read_heartbeat(const Delivery& delivery, std::int64_t now_us);

  Channel& channel_;
  const NodeLinks& node_links_;
  MessengerOptions options_;
  Membership membership_;
  std::uint32_t epoch_ = 1;
  bool silent_ = false;
  std::vector<bool> shunned_by_;  ///< one entry per rank
  std::int64_t last_here_us_, next_beat_us_, malformed_ = 0, oldest_ = 0;
  Frame newest_;
};

}  // namespace deepfog
