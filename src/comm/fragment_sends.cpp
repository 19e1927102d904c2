#include "comm/fragment_sends.hpp"

#include <algorithm>

#include "comm/mpi_call.hpp"

namespace deepfog {

FragmentSends::FragmentSends(const FragmentRoute& route, const MpiChannelOptions& options, LostPeers& lost)
    : route_(route), options_(options), lost_(lost), peers_(static_cast<std::size_t>(route.places)) {}

FragmentSends::~FragmentSends() {
  int finalized = 0;
  const bool usable = MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0;
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    int done = 0;
    const bool ended =
        usable && MPI_Test(&requests_[i], &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done != 0;
    if (!ended) static_cast<void>(flights_[i].fragment.release());  // MPI may still read it
  }
}

bool FragmentSends::add(int to, std::vector<char> bytes) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  if (lost_[to]) {
    forget(to);
    return false;
  }
  const auto full = [&] {
    return peer.queue.size() >= options_.unfinished_messages ||
           (!peer.queue.empty() && peer.bytes + bytes.size() > options_.unfinished_bytes);
  };
  if (full()) advance();
  if (full() || lost_[to]) return false;
  peer.bytes += bytes.size();
  const std::uint64_t fragments = fragment_count(bytes.size(), options_.fragment_bytes);
  peer.queue.push_back({std::move(bytes), fragments, 0, 0});
  fill(to);
  return !lost_[to];
}

bool FragmentSends::may_give(const Peer& peer) const {
  if (peer.giving == peer.queue.size() || peer.in_flight >= options_.sends_per_peer) return false;
  const Outgoing& message = peer.queue[peer.giving];
  const std::uint64_t left = message.bytes.size() - message.given * options_.fragment_bytes;
  return peer.in_flight == 0 ||
         peer.in_flight_bytes + std::min<std::uint64_t>(left, options_.fragment_bytes) <=
             options_.bytes_in_flight;
}

void FragmentSends::fill(int to) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  while (!lost_[to] && may_give(peer)) {
    Outgoing& message = peer.queue[peer.giving];
    Flight flight{to, peer.front_number + peer.giving, nullptr};
    flight.fragment = std::make_unique<std::vector<char>>(
        make_fragment(message.bytes, flight.number, message.given, options_.fragment_bytes));
    MPI_Request request = MPI_REQUEST_NULL;
    const int status = MPI_Issend(flight.fragment->data(), static_cast<int>(flight.fragment->size()),
                                  MPI_CHAR, route_.first_rank + to, route_.tag, route_.comm, &request);
    if (status != MPI_SUCCESS) {
      lost_.add(to, status, "MPI_Issend");
      break;
    }
    requests_.push_back(request);
    flights_.push_back(std::move(flight));
    ++peer.in_flight;
    peer.in_flight_bytes += flights_.back().fragment->size() - sizeof(FragmentHeader);
    if (++message.given == message.fragments) ++peer.giving;
  }
  if (lost_[to]) forget(to);
}

void FragmentSends::advance() {
  if (flights_.empty()) return;
  indices_.resize(flights_.size());
  statuses_.resize(flights_.size());
  int landed = 0;
  const int status = MPI_Testsome(static_cast<int>(requests_.size()), requests_.data(), &landed,
                                  indices_.data(), statuses_.data());
  if (status != MPI_SUCCESS && status != MPI_ERR_IN_STATUS) check(status, "MPI_Testsome of sends");
  if (landed == MPI_UNDEFINED || landed == 0) return;
  for (int i = 0; i < landed; ++i) {
    const auto own = static_cast<std::size_t>(i);
    land(static_cast<std::size_t>(indices_[own]),
         status == MPI_SUCCESS ? MPI_SUCCESS : statuses_[own].MPI_ERROR);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    if (requests_[i] == MPI_REQUEST_NULL) continue;
    if (kept != i) {
      requests_[kept] = requests_[i];
      flights_[kept] = std::move(flights_[i]);
    }
    ++kept;
  }
  requests_.resize(kept);
  flights_.resize(kept);
  for (int to = 0; to < route_.places; ++to) fill(to);
}

void FragmentSends::land(std::size_t flight, int error) {
  Flight& landed = flights_[flight];
  Peer& peer = peers_[static_cast<std::size_t>(landed.to)];
  requests_[flight] = MPI_REQUEST_NULL;
  --peer.in_flight;
  peer.in_flight_bytes -= landed.fragment->size() - sizeof(FragmentHeader);
  if (error != MPI_SUCCESS) {
    static_cast<void>(
        landed.fragment.release());  // ended, but by a death: the library may be half-way through
    lost_.add(landed.to, error, "MPI_Testsome of sends");
    return;
  }
  if (peer.queue.empty()) return;  // the peer is lost and its queue was dropped
  ++peer.queue[static_cast<std::size_t>(landed.number - peer.front_number)].finished;
  while (!peer.queue.empty() && peer.queue.front().finished == peer.queue.front().fragments) {
    peer.bytes -= peer.queue.front().bytes.size();
    peer.queue.pop_front();
    ++peer.front_number;
    --peer.giving;
  }
}

void FragmentSends::forget(int to) {
  Peer& peer = peers_[static_cast<std::size_t>(to)];
  peer.queue.clear();
  peer.giving = 0;
  peer.bytes = 0;
}

bool FragmentSends::idle() const {
  for (int to = 0; to < route_.places; ++to) {
    if (!lost_[to] && !peers_[static_cast<std::size_t>(to)].queue.empty()) return false;
  }
  return true;
}

}  // namespace deepfog
