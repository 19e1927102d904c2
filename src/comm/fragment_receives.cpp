#include "comm/fragment_receives.hpp"

#include <exception>
#include <iostream>
#include <string>

#include "comm/mpi_call.hpp"
#include "comm/mpi_fault.hpp"

namespace deepfog {

void LostPeers::add(int place, int mpi_error, const char* call) {
  char& lost = lost_[static_cast<std::size_t>(place)];
  if (lost != 0) return;
  lost = 1;
  if (is_reported_death(mpi_error)) return;
  try {
    check(mpi_error, call);
  } catch (const std::exception& error) {
    std::cerr << "deepfog: place " + std::to_string(place) + " is given up: " + error.what() + "\n"
              << std::flush;
  }
}

FragmentReceives::FragmentReceives(const FragmentRoute& route, const MpiChannelOptions& options,
                                   LostPeers& lost)
    : route_(route), options_(options), lost_(lost) {
  for (int place = 0; place < route_.places; ++place) {
    peers_.push_back({{}, Reassembler(options_.fragment_bytes, options_.largest_message)});
  }
}

FragmentReceives::~FragmentReceives() {
  // A matched message cannot be cancelled, and MPI may still write to an unfinished one.
  for (Peer& peer : peers_) {
    for (Incoming& incoming : peer.under_way) static_cast<void>(incoming.buffer.release());
  }
  for (Incoming& incoming : discarded_) static_cast<void>(incoming.buffer.release());
}

bool FragmentReceives::advance(std::deque<Message>& ready) {
  bool moved = match_one();  // one at a time; nobody waits before a look at the rest has found nothing
  for (int place = 0; place < route_.places; ++place) {
    while (land(place, ready)) moved = true;
  }
  reap_discarded();
  return moved;
}

bool FragmentReceives::match_one() {
  int found = 0, size = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  const int result = MPI_Improbe(MPI_ANY_SOURCE, route_.tag, route_.comm, &found, &message, &status);
  if (is_reported_death(result)) {
    note_deaths();
    return false;
  }
  check(result, "MPI_Improbe");
  if (found == 0) return false;
  check(MPI_Get_count(&status, MPI_CHAR, &size), "MPI_Get_count");  // MPI_UNDEFINED is negative

  const int place = status.MPI_SOURCE - route_.first_rank;
  const bool fits =
      size >= 0 && static_cast<std::size_t>(size) <= sizeof(FragmentHeader) + options_.fragment_bytes;
  const auto most =
      4 * static_cast<std::size_t>(options_.sends_per_peer);  // well-behaved peers stay below a quarter
  if (fits && place >= 0 && place < route_.places) {
    Peer& peer = peers_[static_cast<std::size_t>(place)];
    if (peer.under_way.size() < most) {
      take(message, size, peer.under_way);
      return true;
    }
  }
  ++malformed_;
  // A message that does not fit is matched but never received: nothing is allocated for it, and Open MPI 4.1
  // writes past the end of a buffer that is too short when it copies directly from the sender's memory.
  if (fits && discarded_.size() < most) take(message, size, discarded_);
  return true;
}

void FragmentReceives::take(MPI_Message& message, int size, std::deque<Incoming>& to) {
  Incoming incoming;
  incoming.size = static_cast<std::size_t>(size);
  incoming.buffer.reset(new char[incoming.size]);
  check(MPI_Imrecv(incoming.buffer.get(), size, MPI_CHAR, &message, &incoming.request), "MPI_Imrecv");
  to.push_back(std::move(incoming));
}

/// Returns true if the oldest fragment of this place has ended, successfully or not.
bool FragmentReceives::land(int place, std::deque<Message>& ready) {
  Peer& peer = peers_[static_cast<std::size_t>(place)];
  if (peer.under_way.empty()) return false;
  Incoming& oldest = peer.under_way.front();
  int done = 0;
  const int result = MPI_Test(&oldest.request, &done, MPI_STATUS_IGNORE);  // the size is known
  if (result == MPI_SUCCESS && done == 0) return false;
  if (result == MPI_SUCCESS) {
    auto message = peer.reassembler.accept(oldest.buffer.get(), oldest.size);
    if (message) ready.push_back({place, std::move(*message)});
  } else {
    static_cast<void>(oldest.buffer.release());  // ended by a death: the library may still be writing
    if (is_truncation(result)) {
      ++malformed_;
    } else {
      lost_.add(place, result, "MPI_Test of a receive");
    }
  }
  peer.under_way.pop_front();
  return true;
}

void FragmentReceives::reap_discarded() {
  if (discarded_.empty()) return;
  int done = 0;
  const int result = MPI_Test(&discarded_.front().request, &done, MPI_STATUS_IGNORE);
  if (result != MPI_SUCCESS) static_cast<void>(discarded_.front().buffer.release());  // as above
  if (result != MPI_SUCCESS || done != 0) discarded_.pop_front();
}

void FragmentReceives::note_deaths() {
  for (const int rank : acknowledge_deaths(route_.comm)) {
    const int place = rank - route_.first_rank;
    if (place >= 0 && place < route_.places) lost_.add(place);
  }
}

std::int64_t FragmentReceives::malformed() const {
  std::int64_t sum = malformed_;
  for (const Peer& peer : peers_) sum += peer.reassembler.malformed();
  return sum;
}

}  // namespace deepfog
