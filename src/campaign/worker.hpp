#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "campaign/blocking_queue.hpp"
#include "campaign/protocol.hpp"
#include "campaign/work.hpp"

namespace deepfog {

/// The thread of a rank that computes: claims a task, does it, sends the result, claims the next, until it is
/// told to stop. It calls neither MPI nor waits for anyone but the mailboxes, which the rank's main thread
/// serves.
class Worker {
 public:
  explicit Worker(Work& work);
  ~Worker();  ///< stops; waits for the task in flight to notice
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  BlockingQueue& inbox() { return inbox_; }    ///< said:: words for the worker
  BlockingQueue& outbox() { return outbox_; }  ///< and from it; the last one is Stopped
  void stop() { stop_ = true; }  ///< abandon the task in flight after its epoch (or block of samples)

 private:
  void live();
  bool work_once();
  void carry_out(said::Assignment& assignment);
  std::optional<said::Assignment> claim();
  void train(const said::Assignment& assignment);
  void sweep(const said::Assignment& assignment);
  void bound(const said::Assignment& assignment);
  void say(const said::Word& word) { outbox_.put(said::encode(word)); }

  Work& work_;
  BlockingQueue inbox_, outbox_;
  std::atomic<bool> stop_{false};
  std::optional<RunKey> held_;
  Weights weights_;         ///< of the run held
  std::int32_t task_ = -1;  ///< in flight
  std::thread thread_;      ///< last: starts when all else is there
};

}  // namespace deepfog
