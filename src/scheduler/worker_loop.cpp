#include "scheduler/worker_loop.hpp"

#include "comm/backoff.hpp"
#include "core/error.hpp"
#include "scheduler/worker_link.hpp"

namespace deepfog {
namespace {

constexpr const char* own_worker = "the own worker";
constexpr const char* rank_0 = "a message from rank 0";
const auto at_once = std::chrono::nanoseconds(0);
/// Between two looks for words of rank 0 while the worker computes: signs of life, at most a Stop.
const auto unhurried = std::chrono::milliseconds(5);

class WorkerLoop {
 public:
  WorkerLoop(const Communicator& communicator, Worker& worker, const SignalWatch& signals,
             const Timeouts& timeouts)
      : communicator_(communicator), worker_(worker), signals_(signals), timeouts_(timeouts) {}

  void run() {
    Backoff backoff;
    while (!worker_stopped_) {
      const bool busy = carry_out() | carry_in();
      tell_signal();
      beat();
      if (silence_.seconds() > timeouts_.silence_s) throw Failure("nothing heard from rank 0 for too long");
      if (busy) {
        backoff.reset();
      } else if (asked_) {
        backoff.pause();
      }
    }
    if (!flush(communicator_, Deadline::in(std::chrono::seconds(60))))
      throw Failure("rank 0 takes no messages");
  }

 private:
  void say(Bytes bytes) { send(communicator_, 0, scheduler_tag, std::move(bytes)); }

  /// Waits for the worker unless the worker waits itself: its words wake this thread, those of rank 0 do not.
  bool carry_out() {
    auto bytes = worker_.outbox().take(Deadline::in(asked_ ? std::chrono::nanoseconds(at_once) : unhurried));
    if (!bytes) return false;
    worker_stopped_ = protocol::is<protocol::Stopped>(*bytes, own_worker);
    asked_ = protocol::is<protocol::Claim>(*bytes, own_worker);
    say(std::move(*bytes));
    return true;
  }

  bool carry_in() {
    auto message = receive(communicator_, Deadline::in(at_once), 0, scheduler_tag);
    if (!message) return false;
    silence_.heard();
    if (protocol::is<protocol::Alive>(message->bytes, rank_0)) return true;
    asked_ = false;
    if (protocol::is<protocol::Stop>(message->bytes, rank_0)) worker_.stop();
    worker_.inbox().put(std::move(message->bytes));
    return true;
  }

  void tell_signal() {
    if (signals_.received() == 0 || signal_told_) return;
    signal_told_ = true;
    say(protocol::encode(protocol::Signalled{signals_.received()}));
  }

  void beat() {
    if (since_beat_.seconds() < timeouts_.beat_s) return;
    since_beat_ = Stopwatch();
    say(protocol::encode(protocol::Alive{}));
  }

  const Communicator& communicator_;
  Worker& worker_;
  const SignalWatch& signals_;
  const Timeouts& timeouts_;
  Silence silence_;
  Stopwatch since_beat_;
  bool signal_told_ = false, worker_stopped_ = false;
  bool asked_ = false;  ///< the worker waits for a task
};

}  // namespace

void worker_loop(const Communicator& communicator, Worker& worker, const SignalWatch& signals,
                 const Timeouts& timeouts) {
  WorkerLoop(communicator, worker, signals, timeouts).run();
}

}  // namespace deepfog
