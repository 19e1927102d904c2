#include "inference/round_window.hpp"

#include <algorithm>

namespace deepfog {

Round& RoundWindow::at(std::int64_t round) {
  while (end() <= round) {
    Round fresh;
    fresh.frame.round = end();
    for (std::size_t k = 0; k < node_links_.stages().size(); ++k) {
      StageWork work;
      work.inputs.resize(node_links_.incoming(static_cast<int>(k)).size());
      work.used = LinkSet(node_links_.links());
      work.timed_out = LinkSet(node_links_.links());
      fresh.work.push_back(std::move(work));
    }
    fresh.undone = static_cast<int>(fresh.work.size());
    rounds_.push_back(std::move(fresh));
  }
  return existing(round);
}

void RoundWindow::drop_finished() {
  while (!rounds_.empty() && rounds_.front().begun && rounds_.front().undone == 0) {
    rounds_.pop_front();
    ++base_;
  }
}

std::int64_t RoundWindow::drop_before(std::int64_t oldest) {
  std::int64_t unfinished = 0;
  while (base_ < oldest && !rounds_.empty()) {
    if (rounds_.front().undone > 0) ++unfinished;
    rounds_.pop_front();
    ++base_;
  }
  if (base_ < oldest) {
    unfinished += oldest - base_;
    base_ = oldest;
  }
  return unfinished;
}

bool RoundWindow::any_begun() const {
  return std::any_of(rounds_.begin(), rounds_.end(),
                     [](const Round& round) { return round.begun && round.undone > 0; });
}

}  // namespace deepfog
