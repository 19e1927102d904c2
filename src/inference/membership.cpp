#include "inference/membership.hpp"

#include <algorithm>
#include <limits>

namespace deepfog {

Membership::Membership(const std::vector<int>& peers, int places, std::int64_t limit_us, std::int64_t now_us)
    : limit_us_(limit_us), states_(static_cast<std::size_t>(places)) {
  for (const int peer : peers) states_[static_cast<std::size_t>(peer)].watched = true;
  for (State& state : states_) state.heard_us = now_us;
}

void Membership::note(int peer, MemberEvent event, std::int64_t now_us, std::int64_t round) {
  transitions_.push_back({peer, event, now_us, epoch(peer), round});
}

bool Membership::heard(int peer, std::uint32_t epoch, std::int64_t now_us, std::int64_t round) {
  State& state = states_[static_cast<std::size_t>(peer)];
  if (state.gone || epoch < state.epoch) return false;
  const bool newer = epoch > state.epoch;
  state.epoch = epoch;
  if (state.suspected && !newer) return false;
  state.heard_us = now_us;
  if (!state.suspected) return false;
  state.suspected = false;
  note(peer, MemberEvent::returned, now_us, round);
  return true;
}

bool Membership::look(std::int64_t now_us, std::int64_t round) {
  bool found = false;
  for (int peer = 0; peer < static_cast<int>(states_.size()); ++peer) {
    State& state = states_[static_cast<std::size_t>(peer)];
    if (!state.watched || state.suspected || now_us - state.heard_us <= limit_us_) continue;
    suspect(peer, now_us, round);
    found = true;
  }
  return found;
}

void Membership::suspect(int peer, std::int64_t now_us, std::int64_t round) {
  State& state = states_[static_cast<std::size_t>(peer)];
  if (state.suspected) return;
  state.suspected = true;
  note(peer, MemberEvent::suspected, now_us, round);
}

void Membership::lost(int peer, std::int64_t now_us, std::int64_t round) {
  State& state = states_[static_cast<std::size_t>(peer)];
  if (state.gone) return;
  state.gone = state.suspected = true;
  note(peer, MemberEvent::lost, now_us, round);
}

void Membership::forgive(std::int64_t now_us) {
  for (State& state : states_) {
    if (!state.suspected) state.heard_us = now_us;
  }
}

std::int64_t Membership::silent_for_us(int peer, std::int64_t now_us) const {
  return now_us - states_[static_cast<std::size_t>(peer)].heard_us;
}

std::int64_t Membership::next_us() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (const State& state : states_) {
    if (state.watched && !state.suspected) next = std::min(next, state.heard_us + limit_us_ + 1);
  }
  return next;
}

std::vector<std::uint8_t> Membership::view() const {
  std::vector<std::uint8_t> view;
  for (const State& state : states_) view.push_back(state.suspected ? 1 : 0);
  return view;
}

}  // namespace deepfog
