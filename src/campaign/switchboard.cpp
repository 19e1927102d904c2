#include "campaign/switchboard.hpp"

#include "comm/backoff.hpp"

namespace deepfog {

void RankSwitchboard::send(int worker, Bytes bytes) {
  if (worker == 0) {
    to_own_.put(std::move(bytes));
  } else {
    deepfog::send(communicator_, worker, campaign_tag, std::move(bytes));
  }
}

std::optional<Letter> RankSwitchboard::next(const Deadline& deadline) {
  const Deadline now = Deadline::in(std::chrono::nanoseconds(0));
  Backoff backoff;
  for (;;) {
    if (auto own = from_own_.take(now)) return Letter{0, std::move(*own)};
    if (communicator_.size() > 1) {
      if (auto message = receive(communicator_, now, any_source, campaign_tag)) {
        return Letter{message->source, std::move(message->bytes)};
      }
    }
    if (deadline.passed()) return std::nullopt;
    backoff.pause();
  }
}

}  // namespace deepfog
