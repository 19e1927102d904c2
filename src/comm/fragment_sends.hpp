#pragma once

#include <mpi.h>

#include <deque>
#include <memory>
#include <vector>

#include "comm/fragment_receives.hpp"
#include "comm/mpi_channel.hpp"

// Internal to this room.
namespace deepfog {

/// The sending half of MpiChannel: a queue of messages per peer, of which a few fragments at a time are
/// passed to MPI.
class FragmentSends {
 public:
  FragmentSends(const FragmentRoute& route, const MpiChannelOptions& options, LostPeers& lost);
  ~FragmentSends();  ///< never waits

  /// Returns false if the peer is lost or has too many unfinished messages or bytes.
  bool add(int to, std::vector<char> bytes);
  void advance();
  bool idle() const;  ///< no living peer has unfinished messages

 private:
  struct Outgoing {
    std::vector<char> bytes;
    std::uint64_t fragments = 1, given = 0, finished = 0;  ///< given: passed to MPI
  };
  struct Peer {
    std::deque<Outgoing> queue;
    std::size_t giving = 0;          ///< the first in the queue that is not completely passed to MPI
    std::uint64_t front_number = 0;  ///< of the first in the queue
    std::uint64_t bytes = 0;         ///< of the whole queue
    int in_flight = 0;               ///< fragments passed to MPI and not finished
    std::uint64_t in_flight_bytes = 0;
  };
  struct Flight {
    int to = 0;
    std::uint64_t number = 0;
    std::unique_ptr<std::vector<char>> fragment;
  };

  bool may_give(const Peer& peer) const;
  void fill(int to);
  void land(std::size_t flight, int error);
  void forget(int to);

  FragmentRoute route_;
  MpiChannelOptions options_;
  LostPeers& lost_;
  std::vector<Peer> peers_;
  std::vector<MPI_Request> requests_;  ///< one per flight, contiguous as MPI_Testsome requires
  std::vector<Flight> flights_;
  std::vector<int> indices_;
  std::vector<MPI_Status> statuses_;
};

}  // namespace deepfog
