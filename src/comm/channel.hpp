#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace deepfog {

/// A message from one rank (place) of a channel to another.
struct Message {
  int from = 0;
  std::vector<char> bytes;
};

/// Messages and time as seen by one place of a group; the only way in which a node communicates with its
/// peers. Two implementations: MpiChannel (one rank per place) and MemoryNetwork::channel (all places in one
/// process, with simulated time). A dead peer is silent, never an error. Messages of one sender arrive in the
/// order in which they were sent, or not at all.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual int place() const = 0;   ///< this place, 0 to places() - 1
  virtual int places() const = 0;  ///< number of places in the group

  /// Microseconds of a clock that never goes back. Its zero is common only to the places of one host.
  virtual std::int64_t now_us() const = 0;

  /// Takes ownership of the bytes and returns at once. Returns false if nothing was sent, because too many
  /// earlier messages to this peer have not left yet, or because it is lost(). The first few calls to a peer
  /// that died or stopped still return true.
  virtual bool send(int to, std::vector<char> bytes) = 0;

  /// The next message that has arrived completely; nullopt if there is none now.
  virtual std::optional<Message> receive() = 0;

  /// Returns when a message may have arrived or the clock has reached `until_us`, whichever comes first.
  virtual void wait(std::int64_t until_us) = 0;

  /// True once the transport itself knows that the peer is dead (ULFM); silence alone is never proof.
  virtual bool lost(int peer) const = 0;

  /// Number of messages that arrived damaged (impossible fragment, size or order) and were dropped.
  virtual std::int64_t malformed() const = 0;
};

}  // namespace deepfog
