#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "inference/frame.hpp"
#include "inference/link_set.hpp"
#include "inference/node_links.hpp"

namespace deepfog {

/// State of one incoming hyperconnection of a stage in one round.
struct Input {
  enum class State { open, vector, phi, given_up };
  State state = State::open;
  bool awaited = true;      ///< false: when the round began, the sender was suspected or suspected this node
  std::vector<char> bytes;  ///< the message, if one arrived
  std::vector<float> decoded;     ///< the decoded payload, if it is no plain [rows, width]
  const float* values = nullptr;  ///< [rows, width]: in the message, at the sensor, or in the output of
                                  ///< another stage of this node
  std::int64_t arrived_us = 0;
};

/// One stage in one round: it waits for its inputs, computes, is held back if the node is slow, and is done.
struct StageWork {
  enum class State { waiting, held, done };
  State state = State::waiting;
  bool phi = false;
  std::vector<Input> inputs;
  std::vector<float> output;  ///< [rows, output_width]
  LinkSet used, timed_out;    ///< of this stage and all stages before it
  std::int64_t release_us = 0;
  int waited_for = -1;
};

struct Round {
  Frame frame;
  bool begun = false;  ///< its frame is known
  bool dead = false;   ///< the node simulates its death in this round: no output, no message
  std::int64_t begun_us = 0;
  int undone = 0;  ///< number of stages not yet done
  std::vector<StageWork> work;
};

/// The rounds a node has in hand, from the oldest unfinished one to the newest it has heard of.
class RoundWindow {
 public:
  RoundWindow(const NodeLinks& node_links, int most) : node_links_(node_links), most_(most) {}
  std::int64_t base() const { return base_; }
  std::int64_t end() const { return base_ + static_cast<std::int64_t>(rounds_.size()); }
  bool can_hold(std::int64_t round) const { return round >= base_ && round < base_ + most_; }
  /// Creates the round and those before it if they are missing. Requires can_hold(round).
  Round& at(std::int64_t round);
  Round& existing(std::int64_t round) { return rounds_[static_cast<std::size_t>(round - base_)]; }
  const Round& existing(std::int64_t round) const { return rounds_[static_cast<std::size_t>(round - base_)]; }
  void drop_finished();
  /// Drops all rounds before `oldest` and returns how many of them were not finished. No round is counted
  /// twice.
  std::int64_t drop_before(std::int64_t oldest);
  bool any_begun() const;

 private:
  const NodeLinks& node_links_;
  std::int64_t most_, base_ = 0;
  std::deque<Round> rounds_;
};

}  // namespace deepfog
