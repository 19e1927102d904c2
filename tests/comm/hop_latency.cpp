// Prints the cost of a hop on this machine, one line per figure: between ranks 0 and 1 by MPI alone, the same
// through a channel while the others wait, and for a token that passes through all ranks.
// mpirun -np N hop_latency [BYTES [REPETITIONS]]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "comm/environment.hpp"
#include "comm/mpi_channel.hpp"
#include "comm/ping_pong.hpp"

namespace {

using deepfog::Deadline;

deepfog::Message next_message(deepfog::MpiChannel& channel, const Deadline& deadline) {
  while (!deadline.passed()) {
    channel.wait(channel.now_us() + 100'000);
    if (auto message = channel.receive()) return std::move(*message);
  }
  throw std::runtime_error("no message came in time");
}

/// Median time per hop, in us, of a token that passes through the first `places` places and back to place 0.
double hop_us(deepfog::MpiChannel& channel, int places, std::size_t bytes, int repetitions) {
  const Deadline deadline = Deadline::in(std::chrono::minutes(5));
  const int here = channel.place();
  std::vector<double> hops;
  for (int i = 0; i < repetitions && here < places; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (here == 0 && !channel.send(1, std::vector<char>(bytes))) throw std::runtime_error("not sent");
    deepfog::Message message = next_message(channel, deadline);
    if (here != 0 && !channel.send((here + 1) % places, std::move(message.bytes))) {
      throw std::runtime_error("not sent");
    }
    const std::chrono::duration<double, std::micro> span = std::chrono::steady_clock::now() - start;
    hops.push_back(span.count() / places);
  }
  // The others wait as nodes do, until place 0 tells them to end.
  for (int to = 1; here == 0 && to < channel.places(); ++to) channel.send(to, {});
  if (here != 0) next_message(channel, deadline);
  channel.flush(deadline);
  if (hops.empty()) return 0;
  std::nth_element(hops.begin(), hops.begin() + static_cast<std::ptrdiff_t>(hops.size() / 2), hops.end());
  return hops[hops.size() / 2];
}

void measure(const deepfog::Communicator& world, std::size_t bytes, int repetitions) {
  double mpi_us = 0;
  if (world.rank() < 2) {
    const auto figure =
        deepfog::half_round_trip_us(world, 0, 1, bytes, repetitions, Deadline::in(std::chrono::minutes(5)));
    if (!figure) throw std::runtime_error("no ping-pong in time");
    mpi_us = *figure;
  }
  deepfog::MpiChannel channel(world, 0, world.size());
  deepfog::barrier(world);
  const double pair_us = hop_us(channel, 2, bytes, repetitions);
  deepfog::barrier(world);
  const double ring_us = hop_us(channel, world.size(), bytes, repetitions);
  deepfog::barrier(world);
  if (world.rank() == 0) {
    std::printf("ranks=%d bytes=%zu mpi_us=%.2f channel_us=%.2f ring_hop_us=%.2f\n", world.size(), bytes,
                mpi_us, pair_us, ring_us);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const deepfog::Environment environment(argc, argv);
    const auto world = deepfog::Communicator::world();
    if (world.size() < 2) throw std::runtime_error("hop_latency: start it on two ranks or more");
    measure(world, argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1024,
            argc > 2 ? std::atoi(argv[2]) : 1000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
