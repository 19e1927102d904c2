#include "comm/memory_channel.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <queue>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

void demand(bool holds, const std::string& what) {
  if (!holds) throw Failure("memory network: " + what);
}

std::int64_t later(std::int64_t time_us, std::int64_t span_us) {
  return span_us > never - time_us ? never : time_us + span_us;
}

struct Stop {
  std::int64_t from_us = 0, to_us = 0;
};

/// A message in flight.
struct Arrival {
  std::int64_t time_us = 0;
  std::uint64_t serial = 0;  ///< for equal times, the order of sending decides
  int to = 0;
  bool copy = false;
  Message message;
};

struct ComesLater {
  bool operator()(const Arrival& one, const Arrival& other) const {
    return std::tie(one.time_us, one.serial) > std::tie(other.time_us, other.serial);
  }
};

struct Waiting {
  Message message;
  bool copy = false;
};

struct Place {
  std::deque<Waiting> blocking_queue;
  std::vector<Stop> stops;  ///< sorted by their beginnings
  std::int64_t busy_until_us = 0, dead_at_us = never, wake_us = 0;
  bool finished = false;
  std::int64_t taken = 0;  ///< number of messages received so far
};

/// One direction between two places. It has its own random stream, so that other pairs do not change its
/// draws.
struct Pair {
  RandomStream draws{0};
  std::int64_t last_arrival_us = 0;
  std::size_t unfinished = 0;
};

}  // namespace

struct MemoryNetwork::Parts {
  class End : public Channel {
   public:
    End(Parts& parts, int place) : parts_(parts), place_(place) {}
    int place() const override { return place_; }
    int places() const override { return static_cast<int>(parts_.everyone.size()); }
    std::int64_t now_us() const override { return parts_.clock_us(place_); }
    bool send(int to, std::vector<char> bytes) override {
      parts_.at(to);
      return parts_.send(place_, to, std::move(bytes));
    }
    std::optional<Message> receive() override { return parts_.receive(place_); }
    void wait(std::int64_t until_us) override { parts_.wait(place_, until_us); }
    bool lost(int peer) const override {
      const Place& other = parts_.at(peer);
      const std::int64_t after_us = parts_.options.deaths_known_after_us;
      return after_us >= 0 && other.dead_at_us != never && now_us() >= later(other.dead_at_us, after_us);
    }
    std::int64_t malformed() const override { return 0; }

   private:
    Parts& parts_;
    int place_;
  };

  Place& at(int place) {
    if (place < 0 || static_cast<std::size_t>(place) >= everyone.size()) {
      throw Failure("memory network: there is no place " + std::to_string(place));
    }
    return everyone[static_cast<std::size_t>(place)];
  }
  Pair& pair(int from, int to) {
    return pairs[static_cast<std::size_t>(from) * everyone.size() + static_cast<std::size_t>(to)];
  }
  std::int64_t clock_us(int place) { return std::max(now_us, at(place).busy_until_us); }

  /// The first time from `time_us` on that is outside all stops.
  static std::int64_t after_stops(const Place& place, std::int64_t time_us) {
    for (const Stop& stop : place.stops) {
      if (stop.from_us <= time_us && time_us < stop.to_us) time_us = stop.to_us;
    }
    return time_us;
  }

  bool send(int from, int to, std::vector<char> bytes);
  std::optional<Message> receive(int place);
  void wait(int place, std::int64_t until_us);
  void deliver_next();
  std::int64_t call_time_us(const Place& place) const;
  void call(int place, const Step& step);
  int next_called() const;

  MemoryNetworkOptions options;
  std::int64_t now_us = 0;
  std::uint64_t sent = 0;
  bool in_step = false;
  std::vector<Place> everyone;
  std::vector<Pair> pairs;
  std::vector<End> ends;
  std::priority_queue<Arrival, std::vector<Arrival>, ComesLater> under_way;
};

bool MemoryNetwork::Parts::send(int from, int to, std::vector<char> bytes) {
  Pair& way = pair(from, to);
  if (way.unfinished >= options.unfinished_messages || ends[static_cast<std::size_t>(from)].lost(to)) {
    return false;
  }
  const Place& sender = at(from);
  const std::int64_t leaves_us = after_stops(sender, clock_us(from));
  if (leaves_us >= sender.dead_at_us) return true;
  // All draws are made for every message, so that an option changes only what it controls.
  const bool is_lost = way.draws.uniform() < options.loss;
  const bool comes_twice = way.draws.uniform() < options.duplicate;
  const auto spread = static_cast<std::uint64_t>(options.latency_max_us - options.latency_min_us) + 1;
  const auto latency_us = [&] {
    return options.latency_min_us + static_cast<std::int64_t>(way.draws.below(spread));
  };
  const std::int64_t first_us = std::max(later(leaves_us, latency_us()), way.last_arrival_us);
  const std::int64_t second_us = later(first_us, latency_us());
  if (is_lost) return true;
  way.last_arrival_us = first_us;
  ++way.unfinished;
  if (comes_twice) under_way.push({second_us, sent++, to, true, {from, bytes}});
  under_way.push({first_us, sent++, to, false, {from, std::move(bytes)}});
  return true;
}

std::optional<Message> MemoryNetwork::Parts::receive(int place) {
  Place& own = at(place);
  if (own.blocking_queue.empty() || clock_us(place) >= own.dead_at_us) return std::nullopt;
  Waiting next = std::move(own.blocking_queue.front());
  own.blocking_queue.pop_front();
  ++own.taken;
  if (!next.copy) --pair(next.message.from, place).unfinished;
  return std::move(next.message);
}

void MemoryNetwork::Parts::wait(int place, std::int64_t until_us) {
  demand(!in_step, "a step must return its wake-up time instead of waiting");
  until_us = std::max(until_us, now_us);
  while (at(place).blocking_queue.empty() && !under_way.empty() && under_way.top().time_us <= until_us) {
    deliver_next();
  }
  if (at(place).blocking_queue.empty()) now_us = until_us;
}

void MemoryNetwork::Parts::deliver_next() {
  // top() is const, but nothing that orders the queue is moved from.
  Arrival arrival = std::move(const_cast<Arrival&>(under_way.top()));
  under_way.pop();
  now_us = std::max(now_us, arrival.time_us);
  Place& receiver = at(arrival.to);
  if (now_us >= receiver.dead_at_us) return;
  receiver.blocking_queue.push_back({std::move(arrival.message), arrival.copy});
  receiver.wake_us = std::min(receiver.wake_us, now_us);
}

/// When the place is to be called next; never: not at all.
std::int64_t MemoryNetwork::Parts::call_time_us(const Place& place) const {
  if (place.finished || place.wake_us == never) return never;
  const std::int64_t time_us = after_stops(place, std::max({place.wake_us, place.busy_until_us, now_us}));
  return time_us >= place.dead_at_us ? never : time_us;
}

int MemoryNetwork::Parts::next_called() const {
  int next = 0;
  for (int place = 1; place < static_cast<int>(everyone.size()); ++place) {
    const auto time_us = [&](int which) { return call_time_us(everyone[static_cast<std::size_t>(which)]); };
    if (time_us(place) < time_us(next)) next = place;
  }
  return next;
}

void MemoryNetwork::Parts::call(int place, const Step& step) {
  struct Inside {
    explicit Inside(bool& flag) : flag_(flag) { flag_ = true; }
    ~Inside() { flag_ = false; }
    bool& flag_;
  };
  Place& own = at(place);
  const std::int64_t taken_before = own.taken;
  std::int64_t wish_us = 0;
  {
    const Inside inside(in_step);
    own.wake_us = never;
    wish_us = step();
  }
  own.finished = wish_us < 0;
  const bool goes_on = !own.blocking_queue.empty() && own.taken > taken_before;
  own.wake_us = goes_on ? now_us : std::max(wish_us, now_us + 1);
}

MemoryNetwork::MemoryNetwork(int places, std::uint64_t seed, const MemoryNetworkOptions& options)
    : parts_(std::make_unique<Parts>()) {
  const auto probability = [](double value) { return value >= 0 && value <= 1; };
  demand(places > 0, "needs a place");
  demand(options.latency_min_us >= 1 && options.latency_min_us <= options.latency_max_us &&
             options.latency_max_us < never,
         "latencies must be 1 <= min <= max");
  demand(probability(options.loss) && probability(options.duplicate), "probabilities must lie in [0, 1]");
  demand(options.unfinished_messages > 0, "at least one message must be allowed");
  parts_->options = options;
  const auto count = static_cast<std::size_t>(places);
  parts_->everyone.resize(count);
  parts_->pairs.resize(count * count);
  for (std::size_t i = 0; i < parts_->pairs.size(); ++i) {
    parts_->pairs[i].draws =
        RandomStream(derive_seed(seed, "memory network", "", static_cast<std::int64_t>(i), "pair"));
  }
  parts_->ends.reserve(count);
  for (int place = 0; place < places; ++place) parts_->ends.emplace_back(*parts_, place);
}

MemoryNetwork::~MemoryNetwork() = default;
MemoryNetwork::MemoryNetwork(MemoryNetwork&&) noexcept = default;

Channel& MemoryNetwork::channel(int place) {
  parts_->at(place);
  return parts_->ends[static_cast<std::size_t>(place)];
}

std::int64_t MemoryNetwork::now_us() const {
  return parts_->now_us;
}

void MemoryNetwork::run(const std::vector<Step>& steps, std::int64_t until_us) {
  Parts& all = *parts_;
  demand(steps.size() == all.everyone.size(), "as many steps as places are needed");
  demand(!all.in_step, "a step cannot run the network");
  for (Place& place : all.everyone) {
    place.finished = false;
    place.wake_us = all.now_us;
  }
  for (;;) {
    const int place = all.next_called();
    const std::int64_t call_us = all.call_time_us(all.at(place));
    const std::int64_t arrival_us = all.under_way.empty() ? never : all.under_way.top().time_us;
    const bool nobody_left = std::all_of(all.everyone.begin(), all.everyone.end(), [&](const Place& one) {
      return one.finished || one.dead_at_us <= all.now_us;
    });
    if (nobody_left) return;
    if (std::min(call_us, arrival_us) > until_us || std::min(call_us, arrival_us) == never) break;
    if (arrival_us <= call_us) {
      all.deliver_next();
    } else {
      all.now_us = call_us;
      all.call(place, steps[static_cast<std::size_t>(place)]);
    }
  }
  if (until_us != never) all.now_us = std::max(all.now_us, until_us);
}

void MemoryNetwork::stop(int place, std::int64_t from_us, std::int64_t to_us) {
  demand(from_us <= to_us, "a stop must not end before it begins");
  std::vector<Stop>& stops = parts_->at(place).stops;
  stops.push_back({from_us, to_us});
  std::sort(stops.begin(), stops.end(),
            [](const Stop& one, const Stop& other) { return one.from_us < other.from_us; });
}

void MemoryNetwork::stop(int place, std::int64_t length_us) {
  const std::int64_t from_us = parts_->clock_us(place);
  stop(place, from_us, later(from_us, length_us));
}

void MemoryNetwork::kill(int place, std::int64_t at_us) {
  Place& own = parts_->at(place);
  own.dead_at_us = std::min(own.dead_at_us, at_us);
}

void MemoryNetwork::kill(int place) {
  kill(place, parts_->clock_us(place));
}

void MemoryNetwork::advance(int place, std::int64_t us) {
  demand(us >= 0, "time does not go back");
  Place& own = parts_->at(place);
  std::int64_t time_us = Parts::after_stops(own, parts_->clock_us(place));
  std::int64_t left_us = us;
  for (const Stop& stop : own.stops) {
    if (stop.to_us <= time_us || stop.from_us >= later(time_us, left_us)) continue;
    const std::int64_t begins_us = std::max(stop.from_us, time_us);
    left_us -= begins_us - time_us;
    time_us = stop.to_us;
  }
  own.busy_until_us = later(time_us, left_us);
}

}  // namespace deepfog
