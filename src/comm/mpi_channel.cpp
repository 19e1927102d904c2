#include "comm/mpi_channel.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>

#include "comm/fragment_receives.hpp"
#include "comm/fragment_sends.hpp"
#include "comm/mpi_call.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

using std::chrono::microseconds;

/// Yields while a message is likely, so that a hop costs no sleep; then sleeps, to leave the core to others.
class PollBackoff {
 public:
  explicit PollBackoff(std::int64_t now_us) : began_us_(now_us) {}

  void pause(std::int64_t now_us, std::int64_t until_us) {
    constexpr std::int64_t hot_us = 1000, first_sleep_us = 50, longest_sleep_us = 200;
    if (now_us - began_us_ < hot_us) {
      std::this_thread::yield();
      return;
    }
    sleep_us_ = std::clamp(sleep_us_ * 2, first_sleep_us, longest_sleep_us);
    std::this_thread::sleep_for(microseconds(std::min(sleep_us_, until_us - now_us)));
  }

 private:
  std::int64_t began_us_, sleep_us_ = 0;
};

/// If Open MPI is told to yield when idle, as it must be with more ranks than cores, it gives up the core in
/// every call that finds nothing. For a rank that polls for messages between the layers of a computation,
/// each poll then costs a time slice. A channel yields by itself while it waits, so the library does not
/// while a channel exists.
class WakefulLibrary {
 public:
  WakefulLibrary() {
    if (channels_++ == 0 && setter() != nullptr) yielded_ = setter()(false);
  }
  ~WakefulLibrary() {
    if (--channels_ == 0 && setter() != nullptr) setter()(yielded_);
  }
  WakefulLibrary(const WakefulLibrary&) = delete;
  WakefulLibrary& operator=(const WakefulLibrary&) = delete;

 private:
  using Setter = bool (*)(bool);  ///< returns the previous setting; Open MPI 4 and 5
  static Setter setter() {
    static const auto found =
        reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "opal_progress_set_yield_when_idle"));
    return found;
  }
  inline static int channels_ = 0;
  inline static bool yielded_ = false;
};

void demand(bool holds, const std::string& what) {
  if (!holds) throw Failure("channel: " + what);
}

void check_place(int place, int places) {
  if (place < 0 || place >= places) throw Failure("channel: there is no place " + std::to_string(place));
}

FragmentRoute route_of(const Communicator& communicator, int first_rank, int places,
                       const MpiChannelOptions& options) {
  const Communicator::Handle& handle = communicator.handle();
  demand(first_rank >= 0 && places > 0 && places <= handle.size - first_rank,
         std::to_string(places) + " places from rank " + std::to_string(first_rank) + " on do not lie in " +
             std::to_string(handle.size) + " ranks");
  demand(handle.rank >= first_rank && handle.rank - first_rank < places,
         "rank " + std::to_string(handle.rank) + " is not in its own group");
  constexpr std::size_t largest_fragment = 1u << 30;  // MPI counts are int
  demand(options.fragment_bytes > 0 && options.fragment_bytes <= largest_fragment,
         "impossible fragment size");
  demand(fragment_count(options.largest_message, options.fragment_bytes) <= UINT32_MAX,
         "fragments are too small");
  demand(options.sends_per_peer > 0 && options.unfinished_messages > 0,
         "needs a send and a message at least");
  int* largest_tag = nullptr;
  int known = 0;
  check(MPI_Comm_get_attr(handle.comm, MPI_TAG_UB, &largest_tag, &known), "MPI_Comm_get_attr");
  demand(options.tag >= 0 && known != 0 && options.tag <= *largest_tag - first_rank, "no such tag");
  return {handle.comm, handle.size, first_rank, places, options.tag + first_rank};
}

}  // namespace

std::uint64_t safe_bytes_in_flight(const char* world_size, const char* local_size, const char* btl) {
  constexpr std::uint64_t over_tcp = 60'000, in_memory = 960'000;
  const bool one_host =
      world_size != nullptr && local_size != nullptr && std::string(world_size) == local_size;
  const bool tcp_chosen =
      btl != nullptr && btl[0] != '^' && std::string(btl).find("tcp") != std::string::npos;
  return one_host && !tcp_chosen ? in_memory : over_tcp;
}

struct MpiChannel::Parts {
  Parts(const Communicator& communicator, int first_rank, int places, const MpiChannelOptions& chosen)
      : options(completed(chosen)),
        route(route_of(communicator, first_rank, places, chosen)),
        place(communicator.rank() - first_rank),
        lost(places),
        receives(route, options, lost),
        sends(route, options, lost) {}

  static MpiChannelOptions completed(MpiChannelOptions options) {
    if (options.bytes_in_flight == 0) {
      options.bytes_in_flight =
          safe_bytes_in_flight(std::getenv("OMPI_COMM_WORLD_SIZE"), std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE"),
                               std::getenv("OMPI_MCA_btl"));
    }
    return options;
  }

  bool advance() {
    sends.advance();
    return receives.advance(ready);
  }

  MpiChannelOptions options;
  FragmentRoute route;
  WakefulLibrary library;
  int place;
  LostPeers lost;
  std::deque<Message> ready;
  FragmentReceives receives;
  FragmentSends sends;
};

MpiChannel::MpiChannel(const Communicator& communicator, int first_rank, int places,
                       const MpiChannelOptions& options)
    : parts_(std::make_unique<Parts>(communicator, first_rank, places, options)) {}
MpiChannel::~MpiChannel() = default;

int MpiChannel::place() const {
  return parts_->place;
}
int MpiChannel::places() const {
  return parts_->route.places;
}
bool MpiChannel::lost(int peer) const {
  check_place(peer, places());
  return parts_->lost[peer];
}
std::int64_t MpiChannel::malformed() const {
  return parts_->receives.malformed();
}

std::int64_t MpiChannel::now_us() const {
  return std::chrono::duration_cast<microseconds>(Deadline::Clock::now().time_since_epoch()).count();
}

bool MpiChannel::send(int to, std::vector<char> bytes) {
  check_place(to, places());
  if (bytes.size() > parts_->options.largest_message) {
    throw Failure("channel: a message of " + std::to_string(bytes.size()) + " bytes is larger than the " +
                  std::to_string(parts_->options.largest_message) + " allowed");
  }
  return parts_->sends.add(to, std::move(bytes));
}

std::optional<Message> MpiChannel::receive() {
  // Bounded, so that a peer that sends endless fragments without a message cannot keep this place here.
  constexpr int passes = 1000;
  for (int pass = 0; parts_->ready.empty() && pass < passes; ++pass) {
    if (!parts_->advance()) break;
  }
  if (parts_->ready.empty()) return std::nullopt;
  Message message = std::move(parts_->ready.front());
  parts_->ready.pop_front();
  return message;
}

void MpiChannel::wait(std::int64_t until_us) {
  PollBackoff backoff(now_us());
  for (;;) {
    const bool moved = parts_->ready.empty() && parts_->advance();
    if (!parts_->ready.empty()) return;
    const std::int64_t now = now_us();
    if (now >= until_us) return;
    if (moved) {
      backoff = PollBackoff(now);
    } else {
      backoff.pause(now, until_us);
    }
  }
}

bool MpiChannel::flush(const Deadline& deadline) {
  PollBackoff backoff(now_us());
  for (;;) {
    const bool moved = parts_->advance();
    if (parts_->sends.idle()) return true;
    if (deadline.passed()) return false;
    const std::int64_t now = now_us();
    if (!moved) backoff.pause(now, now + 200);
  }
}

}  // namespace deepfog
