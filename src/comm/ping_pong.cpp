#include "comm/ping_pong.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "comm/mpi_call.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr int first_tag = 4001;      ///< two tags per series
constexpr int most_series = 10'000;  ///< MPI guarantees tags up to 32767

/// Buffers and requests of one side; an unfinished request keeps its buffer for good.
class Side {
 public:
  Side(MPI_Comm comm, int peer, const Deadline& deadline) : comm_(comm), peer_(peer), deadline_(deadline) {}

  bool send(std::unique_ptr<std::vector<char>>& bytes, int tag) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Isend(bytes->data(), static_cast<int>(bytes->size()), MPI_CHAR, peer_, tag, comm_, &request),
          "MPI_Isend");
    return ends(request, bytes);
  }
  bool receive(std::unique_ptr<std::vector<char>>& bytes, int tag) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Irecv(bytes->data(), static_cast<int>(bytes->size()), MPI_CHAR, peer_, tag, comm_, &request),
          "MPI_Irecv");
    return ends(request, bytes);
  }

 private:
  bool ends(MPI_Request& request, std::unique_ptr<std::vector<char>>& bytes) {
    for (;;) {
      int done = 0;
      MPI_Status status;
      check(MPI_Test(&request, &done, &status), "MPI_Test of a ping-pong");
      if (done != 0) return true;
      if (deadline_.passed()) {
        static_cast<void>(bytes.release());
        return false;
      }
      std::this_thread::yield();
    }
  }

  MPI_Comm comm_;
  int peer_;
  const Deadline& deadline_;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::optional<double> half_round_trip_us(const Communicator& communicator, int peer_a, int peer_b,
                                         std::size_t bytes, int repetitions, const Deadline& deadline,
                                         int series) {
  const int rank = communicator.rank();
  const bool begins = rank == peer_a;
  const auto exists = [&](int peer) { return peer >= 0 && peer < communicator.size(); };
  if (!exists(peer_a) || !exists(peer_b) || peer_a == peer_b || (rank != peer_a && rank != peer_b) ||
      repetitions < 1 || series < 0 || series >= most_series ||
      bytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Failure("ping-pong of ranks " + std::to_string(peer_a) + " and " + std::to_string(peer_b) +
                  ": impossible arguments on rank " + std::to_string(rank));
  }
  const int ball_tag = first_tag + 2 * series, figure_tag = ball_tag + 1;
  Side side(communicator.handle().comm, begins ? peer_b : peer_a, deadline);
  auto there = std::make_unique<std::vector<char>>(bytes), back = std::make_unique<std::vector<char>>(bytes);
  std::vector<double> halves;
  for (int i = 0; i < repetitions; ++i) {
    const Stopwatch watch;
    if (begins && !(side.send(there, ball_tag) && side.receive(back, ball_tag))) return std::nullopt;
    if (!begins && !(side.receive(there, ball_tag) && side.send(back, ball_tag))) return std::nullopt;
    halves.push_back(watch.seconds() * 1e6 / 2);
  }
  double figure = median(halves);
  auto text = std::make_unique<std::vector<char>>(sizeof figure);
  if (begins) std::copy_n(reinterpret_cast<const char*>(&figure), sizeof figure, text->data());
  if (!(begins ? side.send(text, figure_tag) : side.receive(text, figure_tag))) return std::nullopt;
  std::copy_n(text->data(), sizeof figure, reinterpret_cast<char*>(&figure));
  return figure;
}

}  // namespace deepfog
