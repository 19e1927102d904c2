#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace deepfog {

/// What one place of a channel has sent to another.
struct Message {
  int from = 0;
  std::vector<char> bytes;
};

/// Messages and time as one place of a group of places sees them: the only way a node talks to its peers.
/// Two kinds: MpiChannel (one rank a place) and MemoryNetwork::channel (all places in one process, time
/// simulated). A dead peer is silence, never an error. Messages of one sender arrive in the order they were
/// sent, or not at all.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual int place() const = 0;   ///< this one, 0..places()-1
  virtual int places() const = 0;  ///< of the group

  /// Microseconds of a clock that never goes back; its zero is the same for all places of one host only.
  virtual std::int64_t now_us() const = 0;

  /// Takes the bytes over and returns at once. False: nothing was sent, because as many earlier messages to
  /// this peer as are allowed have not left yet, or because it is lost(). The first few calls to a peer that
  /// died or stopped still answer true.
  virtual bool send(int to, std::vector<char> bytes) = 0;

  /// The next message that has arrived whole; nothing when there is none now.
  virtual std::optional<Message> receive() = 0;

  /// Returns when a message may have arrived or the clock has reached `until_us`, whichever is first.
  virtual void wait(std::int64_t until_us) = 0;

  /// True once the transport itself knows that the peer is dead (ULFM); silence alone is never proof.
  virtual bool lost(int peer) const = 0;

  /// Messages that arrived damaged (impossible fragment, size or order) and were dropped.
  virtual std::int64_t malformed() const = 0;
};

}  // namespace deepfog
