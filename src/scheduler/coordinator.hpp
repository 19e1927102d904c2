#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/protocol.hpp"
#include "scheduler/task_graph.hpp"
#include "scheduler/task_queue.hpp"
#include "scheduler/timeouts.hpp"
#include "scheduler/worker_link.hpp"

namespace deepfog {

/// What the coordinator does to the world around it.
struct CoordinatorCalls {
  std::function<int()> signal;  ///< received by this process; 0: none
  /// Writes the results as they stand; `interrupted`: it ends early in good order, not by a failure.
  std::function<void(bool interrupted)> snapshot;
  std::function<void(double cost_done, const std::string& note)> progress;
  std::function<void(const std::string& line)> tell;        ///< one line for the user
  std::function<void(const std::string& why)> interrupted;  ///< tells the user, and how to resume
  std::function<void(bool failed)> give_up;  ///< workers did not stop in time: ends the job, does not return
};

enum class Ending { finished, interrupted };

/// Rank 0's main thread: gives out tasks, makes results durable, watches over the workers. The order in which
/// messages of one worker arrive is the order it sent them in, so whoever gets an assignment knows its
/// results are safe. A task that fails is written down and costs itself and what is useless without it; the
/// others go on.
class Coordinator {
 public:
  Coordinator(const TaskGraph& graph, ResultSink& sink, TaskQueue& task_queue, WorkerLink& worker_link,
              CoordinatorCalls calls, const Timeouts& timeouts);

  /// Until everything is done or given up, or a signal came and all workers have stopped. Throws Failure when
  /// a worker failed or was lost, or a result could not be stored; what is finished is durable then.
  Ending run();

 private:
  struct Peer {
    std::optional<protocol::Claim> parked;  ///< waits for a task
    Silence silence;
    bool stopped = false;
    double part_done = 0;  ///< cost of what is done of the task in flight
  };
  enum class State { running, finished, interrupted, failed };

  void handle(const Envelope& envelope);
  void hear(int worker, protocol::Claim& message);
  void hear(int worker, protocol::Result& message);
  void hear(int worker, protocol::Progress& message);
  void hear(int worker, protocol::Failed& message);
  void hear(int worker, protocol::Signalled& message);
  void hear(int worker, protocol::Stopped& message);
  void hear(int, protocol::Alive&) {}
  template <class Other>
  void hear(int worker, Other& message);
  void demand_claimed(int worker, int task) const;
  void finished(int worker, int task, const std::string& how);
  void serve_parked();
  void assign(int worker, int task);
  void look_after();
  void watch_peers();
  void snapshot_when_due();
  void show(const std::string& note);
  void stop(State why);
  void fail(const std::string& text);
  bool all_stopped() const;
  std::string name(int worker) const { return "rank " + std::to_string(worker); }

  const TaskGraph& graph_;
  ResultSink& sink_;
  TaskQueue& task_queue_;
  WorkerLink& worker_link_;
  CoordinatorCalls calls_;
  Timeouts timeouts_;
  std::vector<Peer> peers_;
  State state_ = State::running;
  std::string failure_;
  bool look_for_work_ = false;  ///< a claim or a result came: parked workers may have something to do
  bool unsaved_ = false;        ///< a task finished since the last snapshot
  double snapshot_cost_s_ = 0;
  Stopwatch since_snapshot_, since_beat_, since_stop_;
};

}  // namespace deepfog
