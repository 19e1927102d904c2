#pragma once

#include <mpi.h>

#include <deque>
#include <memory>
#include <vector>

#include "comm/fragment.hpp"
#include "comm/mpi_channel.hpp"

// Internal to this room.
namespace deepfog {

/// The ranks and the tag of a channel's group.
struct FragmentRoute {
  MPI_Comm comm = MPI_COMM_NULL;
  int ranks = 1;  ///< of the communicator
  int first_rank = 0, places = 1, tag = 0;
};

/// The peers that the transport has given up, shared by both directions.
class LostPeers {
 public:
  explicit LostPeers(int places) : lost_(static_cast<std::size_t>(places), 0) {}
  bool operator[](int place) const { return lost_[static_cast<std::size_t>(place)] != 0; }
  /// Reports the loss on stderr, once, unless the library reported a death (ULFM), which the peers handle.
  void add(int place, int mpi_error, const char* call);
  void add(int place) { lost_[static_cast<std::size_t>(place)] = 1; }

 private:
  std::vector<char> lost_;
};

/// The receiving half of MpiChannel: every message is matched first and then given a buffer of its own size.
class FragmentReceives {
 public:
  FragmentReceives(const FragmentRoute& route, const MpiChannelOptions& options, LostPeers& lost);
  ~FragmentReceives();  ///< never waits

  /// Takes what has arrived and appends complete messages to `ready`. Returns true if there was something, so
  /// that there may be more.
  bool advance(std::deque<Message>& ready);
  std::int64_t malformed() const;

 private:
  struct Incoming {
    MPI_Request request = MPI_REQUEST_NULL;
    std::unique_ptr<char[]> buffer;  ///< not filled with zeros before MPI writes to it
    std::size_t size = 0;
  };
  struct Peer {
    std::deque<Incoming> under_way;  ///< in the order in which they were sent and are tested
    Reassembler reassembler;
  };

  bool match_one();
  static void take(MPI_Message& message, int size, std::deque<Incoming>& to);
  bool land(int place, std::deque<Message>& ready);
  void reap_discarded();
  void note_deaths();

  FragmentRoute route_;
  MpiChannelOptions options_;
  LostPeers& lost_;
  std::deque<Peer> peers_;          ///< one per place
  std::deque<Incoming> discarded_;  ///< unwanted messages, which must still be completed
  std::int64_t malformed_ = 0;
};

}  // namespace deepfog
