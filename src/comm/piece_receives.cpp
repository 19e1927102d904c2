#include "comm/piece_receives.hpp"

#include <algorithm>
#include <iostream>

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

PieceReceives::PieceReceives(const PieceRoute& route, const MpiChannelOptions& options, LostPeers& lost)
    : route_(route),
      options_(options),
      lost_(lost),
      heads_(static_cast<std::size_t>(route.places), MPI_REQUEST_NULL),
      indices_(heads_.size()),
      statuses_(heads_.size()) {
  for (int place = 0; place < route_.places; ++place) {
    peers_.push_back({{}, 0, Assembly(options_.piece_bytes, options_.largest_parcel)});
    peers_.back().ring.resize(static_cast<std::size_t>(options_.receives_per_peer));
    for (Slot& slot : peers_.back().ring) {
      slot.buffer = std::make_unique<std::vector<char>>(sizeof(PieceHeader) + options_.piece_bytes);
      post(place, slot);
    }
    heads_[static_cast<std::size_t>(place)] = peers_.back().ring[0].request;
  }
}

PieceReceives::~PieceReceives() {
  int finalized = 0;
  if (MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0) cancel_all();
  for (Peer& peer : peers_) {
    for (Slot& slot : peer.ring) {
      if (slot.request != MPI_REQUEST_NULL) static_cast<void>(slot.buffer.release());  // MPI may write there
    }
  }
}

void PieceReceives::cancel_all() {
  std::vector<MPI_Request*> open;
  for (std::size_t place = 0; place < peers_.size(); ++place) {
    Peer& peer = peers_[place];
    peer.ring[peer.head].request = heads_[place];
    for (Slot& slot : peer.ring) {
      if (slot.request == MPI_REQUEST_NULL) continue;
      if (MPI_Cancel(&slot.request) == MPI_SUCCESS) open.push_back(&slot.request);
    }
  }
  const Deadline deadline = Deadline::in(options_.farewell);
  for (MPI_Request* request : open) {
    int done = 0;
    do {
      // An error ends the receive as well as an arrival does; what it brought is not wanted any more.
      if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) break;
    } while (done == 0 && !deadline.passed());
  }
}

void PieceReceives::post(int place, Slot& slot) {
  const int status = lost_[place]
                         ? MPI_SUCCESS
                         : MPI_Irecv(slot.buffer->data(), static_cast<int>(slot.buffer->size()), MPI_CHAR,
                                     route_.first_rank + place, route_.tag, route_.comm, &slot.request);
  if (status == MPI_SUCCESS) return;
  slot.request = MPI_REQUEST_NULL;
  lost_.add(place, status, "MPI_Irecv");
}

bool PieceReceives::advance(std::deque<Parcel>& ready) {
  int arrived = 0;
  const int status = MPI_Testsome(static_cast<int>(heads_.size()), heads_.data(), &arrived, indices_.data(),
                                  statuses_.data());
  if (status != MPI_SUCCESS && status != MPI_ERR_IN_STATUS) check(status, "MPI_Testsome of receives");
  if (arrived == MPI_UNDEFINED) arrived = 0;  // all peers are lost
  for (int i = 0; i < arrived; ++i) {
    const MPI_Status& own = statuses_[static_cast<std::size_t>(i)];
    take(indices_[static_cast<std::size_t>(i)], own, status == MPI_SUCCESS ? MPI_SUCCESS : own.MPI_ERROR,
         ready);
  }
  reap_dropped();
  return drop_foreign() || arrived > 0;
}

void PieceReceives::take(int place, const MPI_Status& status, int error, std::deque<Parcel>& ready) {
  Peer& peer = peers_[static_cast<std::size_t>(place)];
  Slot& slot = peer.ring[peer.head];
  slot.request = MPI_REQUEST_NULL;
  if (error == MPI_SUCCESS) {
    int size = 0;
    check(MPI_Get_count(&status, MPI_CHAR, &size), "MPI_Get_count");
    // MPI_UNDEFINED is negative: no whole number of bytes
    auto parcel = peer.assembly.accept(slot.buffer->data(), static_cast<std::size_t>(std::max(size, 0)));
    if (parcel) ready.push_back({place, std::move(*parcel)});
  } else if (is_truncation(error)) {
    ++malformed_;
  } else {
    lost_.add(place, error, "MPI_Testsome of receives");
  }
  post(place, slot);
  peer.head = (peer.head + 1) % peer.ring.size();
  heads_[static_cast<std::size_t>(place)] = peer.ring[peer.head].request;
}

bool PieceReceives::drop_foreign() {
  constexpr std::size_t at_a_time = 8;
  if (route_.places == route_.ranks || dropped_.size() >= at_a_time) return false;
  foreign_ = (foreign_ + 1) % route_.ranks;
  if (foreign_ == route_.first_rank) foreign_ = (foreign_ + route_.places) % route_.ranks;
  int found = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  const int status = MPI_Improbe(foreign_, route_.tag, route_.comm, &found, &message, MPI_STATUS_IGNORE);
  if (status != MPI_SUCCESS && !is_reported_death(status)) check(status, "MPI_Improbe");
  if (status != MPI_SUCCESS || found == 0) return false;
  ++malformed_;
  static char nowhere = 0;  // nothing is written: the receive has room for no byte
  MPI_Request request = MPI_REQUEST_NULL;
  const int taken = MPI_Imrecv(&nowhere, 0, MPI_CHAR, &message, &request);
  if (taken != MPI_SUCCESS && !is_truncation(taken)) check(taken, "MPI_Imrecv");
  if (request != MPI_REQUEST_NULL) dropped_.push_back(request);
  return true;
}

void PieceReceives::reap_dropped() {
  for (std::size_t i = dropped_.size(); i-- > 0;) {
    int done = 0;
    // Truncation is what was asked for, and another error ends it too.
    const int status = MPI_Test(&dropped_[i], &done, MPI_STATUS_IGNORE);
    if (status != MPI_SUCCESS || done != 0) dropped_.erase(dropped_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::int64_t PieceReceives::malformed() const {
  std::int64_t sum = malformed_;
  for (const Peer& peer : peers_) sum += peer.assembly.malformed();
  return sum;
}

}  // namespace deepfog
