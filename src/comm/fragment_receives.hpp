#pragma once

#include <mpi.h>

#include <deque>
#include <memory>
#include <vector>

#include "comm/fragment.hpp"
#include "comm/mpi_channel.hpp"

// For this room only.
namespace deepfog {

/// Where a channel's group is.
struct FragmentRoute {
  MPI_Comm comm = MPI_COMM_NULL;
  int ranks = 1;  ///< of the communicator
  int first_rank = 0, places = 1, tag = 0;
};

/// Peers the transport itself gave up, as both directions see them.
class LostPeers {
 public:
  explicit LostPeers(int places) : lost_(static_cast<std::size_t>(places), 0) {}
  bool operator[](int place) const { return lost_[static_cast<std::size_t>(place)] != 0; }
  /// Says so on stderr, once, unless the library reported a death (ULFM): that is the peers' business.
  void add(int place, int mpi_error, const char* call);
  void add(int place) { lost_[static_cast<std::size_t>(place)] = 1; }

 private:
  std::vector<char> lost_;
};

/// The receiving half of MpiChannel: every message is matched first and given a buffer of its own size
/// afterwards.
class FragmentReceives {
 public:
  FragmentReceives(const FragmentRoute& route, const MpiChannelOptions& options, LostPeers& lost);
  ~FragmentReceives();  ///< never waits

  /// Takes what has arrived; whole messages go to the back of `ready`. True: there was something, so there
  /// may be more.
  bool advance(std::deque<Message>& ready);
  std::int64_t malformed() const;

 private:
  struct Incoming {
    MPI_Request request = MPI_REQUEST_NULL;
    std::unique_ptr<char[]> buffer;  ///< not filled with zeros before MPI writes to it
    std::size_t size = 0;
  };
  struct Peer {
    std::deque<Incoming> under_way;  ///< in the order they were sent, in which they are looked at
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
  std::deque<Peer> peers_;          ///< a place
  std::deque<Incoming> discarded_;  ///< nobody wants them, but they must end
  std::int64_t malformed_ = 0;
};

}  // namespace deepfog
