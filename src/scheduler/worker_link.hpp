#pragma once

#include <optional>
#include <vector>

#include "comm/communicator.hpp"
#include "scheduler/worker.hpp"

namespace deepfog {

constexpr int scheduler_tag = 1;

struct Envelope {
  int worker = 0;
  Bytes bytes;
};

/// The coordinator's line to all workers. Worker 0 is a thread of its own process.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual int workers() const = 0;
  virtual void send(int worker, Bytes bytes) = 0;
  virtual void stop(int worker) = 0;  ///< says Stop, and has the task in flight abandoned
  virtual std::optional<Envelope> next(const Deadline& deadline) = 0;
};

/// Worker = rank: rank 0 through its mailboxes, the others through MPI.
class RankWorkerLink : public WorkerLink {
 public:
  RankWorkerLink(const Communicator& communicator, Worker& own) : communicator_(communicator), own_(own) {}
  int workers() const override { return communicator_.size(); }
  void send(int worker, Bytes bytes) override;
  void stop(int worker) override;
  std::optional<Envelope> next(const Deadline& deadline) override;

 private:
  const Communicator& communicator_;
  Worker& own_;
};

}  // namespace deepfog
