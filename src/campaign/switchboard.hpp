#pragma once

#include <optional>
#include <vector>

#include "campaign/mailbox.hpp"
#include "comm/communicator.hpp"

namespace deepfog {

constexpr int campaign_tag = 1;

struct Letter {
  int worker = 0;
  Bytes bytes;
};

/// The server's line to all workers. Worker 0 is a thread of its own process.
class Switchboard {
 public:
  virtual ~Switchboard() = default;
  virtual int workers() const = 0;
  virtual void send(int worker, Bytes bytes) = 0;
  virtual std::optional<Letter> next(const Deadline& deadline) = 0;
};

/// Worker = rank: rank 0 through mailboxes, the others through MPI.
class RankSwitchboard : public Switchboard {
 public:
  RankSwitchboard(const Communicator& communicator, Mailbox& to_own_worker, Mailbox& from_own_worker)
      : communicator_(communicator), to_own_(to_own_worker), from_own_(from_own_worker) {}
  int workers() const override { return communicator_.size(); }
  void send(int worker, Bytes bytes) override;
  std::optional<Letter> next(const Deadline& deadline) override;

 private:
  const Communicator& communicator_;
  Mailbox& to_own_;
  Mailbox& from_own_;
};

}  // namespace deepfog
