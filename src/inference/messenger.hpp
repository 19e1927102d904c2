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
  std::uint64_t run = 0;               ///< the same on every node of the run, and on no other
  std::int64_t heartbeat_us = 20'000;  ///< between heartbeats
  std::int64_t limit_us = 200'000;     ///< a peer silent for longer is suspected
};

/// A message of this run whose header can be one.
struct Delivery {
  int from = 0;
  MessageHeader header;
  std::vector<char> bytes;
};

/// A node's post: headers, heartbeats, and who is alive. To a suspected peer goes nothing but heartbeats and
/// words of the last node.
class Messenger {
 public:
  Messenger(Channel& channel, const NodeLinks& node_links, const MessengerOptions& options);

  std::int64_t now_us() const { return channel_.now_us(); }
  void wait(std::int64_t until_us) { channel_.wait(until_us); }

  /// The next message for the node; heartbeats are among them, for what they tell. What cannot be a message
  /// of this run is counted and dropped.
  std::optional<Delivery> next();
  void refuse() { ++malformed_; }  ///< one that turned out to make no sense here
  std::int64_t malformed() const { return malformed_ + channel_.malformed(); }

  /// False: the channel's allowance for this peer is used up; it is lost then.
  bool send(int to, MessageHeader header, const std::vector<char>& payload = {});
  /// Bytes that went to the channel; 0: refused likewise.
  std::size_t send_vector(int to, MessageHeader header, const LinkSet& used, const LinkSet& timed_out,
                          const float* values);

  /// Sends heartbeats when they are due, looks for peers that have gone silent. To be called often, and after
  /// next() has emptied the post: what lies there unread is no silence.
  void tend(std::int64_t now_us);
  std::int64_t next_us() const;  ///< when tend() has something to do
  /// A message of the peer has missed its deadline: with two heartbeats missing as well it is suspected now,
  /// not only after the limit, so that the next round does not pay again.
  void doubt(int peer);

  /// A silent node sends no heartbeats; back again it has a higher epoch.
  void be_silent(bool silent, std::int64_t now_us);
  bool silent() const { return silent_; }
  /// What heartbeats tell of the run; of weight only from the last node.
  void tell(const Frame& newest, std::int64_t oldest) {
    newest_ = newest;
    oldest_ = oldest;
  }

  std::uint32_t epoch() const { return epoch_; }
  Membership& membership() { return membership_; }
  const Membership& membership() const { return membership_; }
  bool suspects(int peer) const { return membership_.suspected(peer); }
  /// By its last word the peer suspects this node and so sends it no data: nothing to wait for. False again
  /// with its first message, or with a heartbeat that no longer says so.
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
  std::vector<bool> shunned_by_;  ///< a place
  std::int64_t last_here_us_, next_beat_us_, malformed_ = 0, oldest_ = 0;
  Frame newest_;
};

}  // namespace deepfog
