#include "scheduler/worker_link.hpp"

#include "comm/backoff.hpp"

namespace deepfog {

void RankWorkerLink::send(int worker, Bytes bytes) {
  if (worker == 0) {
    own_.inbox().put(std::move(bytes));
  } else {
    deepfog::send(communicator_, worker, scheduler_tag, std::move(bytes));
  }
}

void RankWorkerLink::stop(int worker) {
  if (worker == 0) own_.stop();
  send(worker, protocol::encode(protocol::Stop{}));
}

std::optional<Envelope> RankWorkerLink::next(const Deadline& deadline) {
  const Deadline now = Deadline::in(std::chrono::nanoseconds(0));
  Backoff backoff;
  for (;;) {
    if (auto own = own_.outbox().take(now)) return Envelope{0, std::move(*own)};
    if (communicator_.size() > 1) {
      if (auto message = receive(communicator_, now, any_source, scheduler_tag)) {
        return Envelope{message->source, std::move(message->bytes)};
      }
    }
    if (deadline.passed()) return std::nullopt;
    backoff.pause();
  }
}

}  // namespace deepfog
