#pragma once

#include <optional>
#include <vector>

#include "campaign/worker.hpp"
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
  virtual void stop(int worker) = 0;  ///< says Stop, and has the unit in flight abandoned
  virtual std::optional<Letter> next(const Deadline& deadline) = 0;
};

/// Worker = rank: rank 0 through its mailboxes, the others through MPI.
class RankSwitchboard : public Switchboard {
 public:
  RankSwitchboard(const Communicator& communicator, Worker& own) : communicator_(communicator), own_(own) {}
  int workers() const override { return communicator_.size(); }
  void send(int worker, Bytes bytes) override;
  void stop(int worker) override;
  std::optional<Letter> next(const Deadline& deadline) override;

 private:
  const Communicator& communicator_;
  Worker& own_;
};

}  // namespace deepfog
