#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "scheduler/blocking_queue.hpp"
#include "scheduler/protocol.hpp"
#include "scheduler/task_graph.hpp"

namespace deepfog {

/// The thread of a rank that computes: claims a task, does it, sends the result, claims the next, until it is
/// told to stop. It calls no MPI and waits for nobody but its inbox, which the rank's main thread serves.
class Worker {
 public:
  explicit Worker(TaskRunner& runner);
  ~Worker();  ///< stops; waits for the task in flight to notice
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  BlockingQueue& inbox() { return inbox_; }    ///< messages for the worker
  BlockingQueue& outbox() { return outbox_; }  ///< and from it; the last one is Stopped
  void stop() { stop_ = true; }  ///< abandon the task in flight the next time it reports its progress

 private:
  void live();
  bool work_once();
  void carry_out(const protocol::Assignment& assignment);
  std::optional<protocol::Assignment> claim();
  void say(const protocol::Message& message) { outbox_.put(protocol::encode(message)); }

  TaskRunner& runner_;
  BlockingQueue inbox_, outbox_;
  std::atomic<bool> stop_{false};
  std::int32_t task_ = -1;  ///< in flight
  std::thread thread_;      ///< last: starts when all else is there
};

}  // namespace deepfog
