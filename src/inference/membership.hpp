#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

enum class MemberEvent : std::uint8_t { suspected, returned, lost };

/// One line of the membership table.
struct Transition {
  int peer = 0;
  MemberEvent event = MemberEvent::suspected;
  std::int64_t time_us = 0;  ///< on the observer's clock
  std::uint32_t epoch = 0;   ///< of the peer, as known
  std::int64_t round = 0;    ///< newest the observer knew
};

/// Who is alive, as one node believes (RobustDiCE, section 4.1, with epochs as in SWIM's incarnations): a
/// peer silent for longer than `limit_us` is suspected; only a higher epoch, which the peer itself takes on
/// when it notices that it was stopped, was silent or is suspected, brings it back. So what was queued before
/// a stop never does.
class Membership {
 public:
  /// @param peers  places, ascending; others are never suspected
  Membership(const std::vector<int>& peers, int places, std::int64_t limit_us, std::int64_t now_us);

  /// A message of `peer` under `epoch` has arrived. True: it brought the peer back.
  bool heard(int peer, std::uint32_t epoch, std::int64_t now_us, std::int64_t round);

  /// Suspects every peer that has been silent for too long; true when there is a new one.
  bool look(std::int64_t now_us, std::int64_t round);
  void suspect(int peer, std::int64_t now_us, std::int64_t round);  ///< for reasons of the caller's
  void lost(int peer, std::int64_t now_us, std::int64_t round);     ///< the transport is sure: for good

  /// This node itself was away: what it did not hear meanwhile says nothing about the others.
  void forgive(std::int64_t now_us);

  bool suspected(int peer) const { return states_[static_cast<std::size_t>(peer)].suspected; }
  bool gone(int peer) const { return states_[static_cast<std::size_t>(peer)].gone; }  ///< see lost()
  std::uint32_t epoch(int peer) const { return states_[static_cast<std::size_t>(peer)].epoch; }
  std::int64_t silent_for_us(int peer, std::int64_t now_us) const;
  /// When look() next has something to find.
  std::int64_t next_us() const;
  const std::vector<Transition>& transitions() const { return transitions_; }
  std::vector<std::uint8_t> view() const;  ///< one byte a place, 1: suspected

 private:
  struct State {
    bool watched = false, suspected = false, gone = false;
    std::uint32_t epoch = 0;
    std::int64_t heard_us = 0;
  };
  void note(int peer, MemberEvent event, std::int64_t now_us, std::int64_t round);
  std::int64_t limit_us_;
  std::vector<State> states_;
  std::vector<Transition> transitions_;
};

}  // namespace deepfog
