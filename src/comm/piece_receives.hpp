#pragma once

#include <mpi.h>

#include <deque>
#include <memory>
#include <vector>

#include "comm/mpi_channel.hpp"
#include "comm/piece.hpp"

// For this room only.
namespace deepfog {

/// Where a channel's group is.
struct PieceRoute {
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

 private:
  std::vector<char> lost_;
};

/// The receiving half of MpiChannel: for every peer a ring of posted receives of one piece each, looked at in
/// the order they were posted.
class PieceReceives {
 public:
  PieceReceives(const PieceRoute& route, const MpiChannelOptions& options, LostPeers& lost);
  ~PieceReceives();

  /// Takes what has arrived, at most one piece a peer; whole parcels go to the back of `ready`. True: there
  /// was something, so there may be more.
  bool advance(std::deque<Parcel>& ready);
  std::int64_t malformed() const;

 private:
  struct Slot {
    MPI_Request request = MPI_REQUEST_NULL;
    std::unique_ptr<std::vector<char>> buffer;
  };
  struct Peer {
    std::vector<Slot> ring;
    std::size_t head = 0;
    Assembly assembly;
  };

  void post(int place, Slot& slot);
  void take(int place, const MPI_Status& status, int error, std::deque<Parcel>& ready);
  bool drop_foreign();
  void reap_dropped();
  void cancel_all();

  PieceRoute route_;
  MpiChannelOptions options_;
  LostPeers& lost_;
  std::vector<Peer> peers_;
  std::vector<MPI_Request> heads_;    ///< the oldest receive of every peer, as MPI_Testsome wants them
  std::vector<MPI_Request> dropped_;  ///< foreign messages on their way to nowhere
  std::vector<int> indices_;
  std::vector<MPI_Status> statuses_;
  int foreign_ = 0;  ///< next rank outside the group to look at
  std::int64_t malformed_ = 0;
};

}  // namespace deepfog
