#pragma once

#include <cstdint>
#include <vector>

namespace deepfog {

enum class MemberEvent : std::uint8_t { suspected, returned, lost };

/// One row of the membership table.
struct Transition {
  int peer = 0;
  MemberEvent event = MemberEvent::suspected;
  std::int64_t time_us = 0;  ///< on the observer's clock
  std::uint32_t epoch = 0;   ///< of the peer, as far as the observer knows
  std::int64_t round = 0;    ///< the newest round the observer knew
};

/// Which nodes are alive, in the view of one node (RobustDiCE, section 4.1, with epochs like SWIM's
/// incarnations). A peer that has been silent for longer than `limit_us` is suspected. Only a higher epoch
/// ends the suspicion; the peer takes it on when it notices that it was stopped, was silent or is suspected.
/// Messages queued before a stop therefore never end a suspicion.
class Membership {
 public:
  /// @param peers  ranks, ascending; others are not watched for silence
  Membership(const std::vector<int>& peers, int places, std::int64_t limit_us, std::int64_t now_us);

  /// Records a message of `peer` under `epoch`. Returns true if it ends a suspicion.
  bool heard(int peer, std::uint32_t epoch, std::int64_t now_us, std::int64_t round);

  /// Suspects every peer that has been silent for too long; returns true if a new one was found.
  bool look(std::int64_t now_us, std::int64_t round);
  void suspect(int peer, std::int64_t now_us, std::int64_t round);  ///< for reasons of the caller
  void lost(int peer, std::int64_t now_us, std::int64_t round);     ///< the transport has reported the peer's
                                                                    ///< death; it cannot return

  /// Call this after the node itself was away: what it did not hear meanwhile says nothing about the others.
  void forgive(std::int64_t now_us);

  bool suspected(int peer) const { return states_[static_cast<std::size_t>(peer)].suspected; }
  bool gone(int peer) const { return states_[static_cast<std::size_t>(peer)].gone; }  ///< see lost()
  std::uint32_t epoch(int peer) const { return states_[static_cast<std::size_t>(peer)].epoch; }
  std::int64_t silent_for_us(int peer, std::int64_t now_us) const;
  /// The next time at which look() may find a silent peer.
  std::int64_t next_us() const;
  const std::vector<Transition>& transitions() const { return transitions_; }
  std::vector<std::uint8_t> view() const;  ///< one byte per rank, 1: suspected

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
