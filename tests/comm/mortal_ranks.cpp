// Rank `victim` kills itself in the middle of an all-to-all exchange; the survivors finish theirs, report it
// and leave. Started with recovery, under which mpirun always returns 0: judge by the output.
// mpirun --enable-recovery -np N mortal_ranks VICTIM BYTES

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "comm/environment.hpp"
#include "comm/mpi_channel.hpp"

namespace {

using deepfog::Deadline;
using deepfog::Message;
using deepfog::MpiChannel;

constexpr int rounds = 12, fatal_round = 4;

struct Story {
  int victim;
  std::size_t bytes;
};

std::vector<char> content(const Story& story, int from, int round) {
  return std::vector<char>(story.bytes + static_cast<std::size_t>(round),
                           static_cast<char>(from * 16 + round));
}

void demand(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

/// No rank knows that the victim is dead, so messages go to it until the cap refuses them.
void exchange(MpiChannel& channel, const Story& story, const Deadline& deadline) {
  std::vector<int> heard(static_cast<std::size_t>(channel.places()));
  for (int round = 0; round < rounds; ++round) {
    for (int to = 0; to < channel.places(); ++to) {
      const bool sent = to == channel.place() || channel.send(to, content(story, channel.place(), round));
      demand(sent || to == story.victim, "a living peer takes nothing");
    }
    if (channel.place() == story.victim && round == fatal_round) std::raise(SIGKILL);
    const auto complete = [&] {
      for (int from = 0; from < channel.places(); ++from) {
        // A survivor's message of a round proves that it has received the victim's message of the round
        // before, but no more.
        const bool silent = from == channel.place() || (from == story.victim && round >= fatal_round - 1);
        if (!silent && heard[static_cast<std::size_t>(from)] <= round) return false;
      }
      return true;
    };
    while (!complete()) {
      if (deadline.passed()) {
        std::string state = "a living peer is silent in round " + std::to_string(round) + ", heard";
        for (const int count : heard) state += " " + std::to_string(count);
        throw std::runtime_error(state);
      }
      channel.wait(channel.now_us() + 10'000);
      while (const auto message = channel.receive()) {
        int& count = heard[static_cast<std::size_t>(message->from)];
        demand(message->bytes == content(story, message->from, count), "a message is wrong");
        ++count;
      }
    }
  }
  demand(heard[static_cast<std::size_t>(story.victim)] <= fatal_round + 1, "the dead speak");
}

/// The victim may be the slowest and still take messages for a while. Once it is dead, messages to it never
/// leave and a flush ends at its deadline, unless the library reports the death: then the flush waits only
/// for the living.
void leave(MpiChannel& channel, const Story& story) {
  const Deadline deadline = Deadline::in(std::chrono::seconds(15));
  const auto flushed = [&] { return channel.flush(Deadline::in(std::chrono::milliseconds(300))); };
  if (deepfog::ulfm_available()) {
    while (!channel.lost(story.victim)) {
      demand(!deadline.passed(), "the death is not reported");
      channel.wait(channel.now_us() + 1000);
    }
    demand(!channel.send(story.victim, {}) && flushed(), "the lost are waited for");
  } else {
    do {
      demand(!deadline.passed(), "the dead takes messages");
      channel.send(story.victim, {});
    } while (flushed());
    demand(!channel.lost(story.victim), "silence is taken for death");
  }
  demand(channel.malformed() == 0, "malformed messages");
}

}  // namespace

int main(int argc, char** argv) {
  int rank = -1;
  try {
    deepfog::ignore_broken_pipes();
    const deepfog::Environment environment(argc, argv);
    const auto world = deepfog::Communicator::world();
    rank = world.rank();
    demand(argc == 3, "mortal_ranks VICTIM BYTES");
    const Story story{std::atoi(argv[1]), std::strtoul(argv[2], nullptr, 10)};
    {
      deepfog::MpiChannelOptions options;
      options.unfinished_messages = 6;
      MpiChannel channel(world, 0, world.size(), options);
      deepfog::barrier(world);
      exchange(channel, story, Deadline::in(std::chrono::seconds(20)));
      leave(channel, story);
    }
    std::printf("survivor %d is done\n", rank);
    deepfog::leave_without_finalize(0);
  } catch (const std::exception& error) {
    std::printf("rank %d failed: %s\n", rank, error.what());
    deepfog::leave_without_finalize(1);
  }
}
