#pragma once

#include "comm/communicator.hpp"
#include "scheduler/signals.hpp"
#include "scheduler/timeouts.hpp"
#include "scheduler/worker.hpp"

namespace deepfog {

/// The main thread of every rank but 0: carries messages between its worker thread and rank 0, gives signs of
/// life while the worker computes, passes signals on. Returns when the worker has stopped; throws Failure
/// when rank 0 has been silent for too long or the worker does not stop.
void worker_loop(const Communicator& communicator, Worker& worker, const SignalWatch& signals,
                 const Timeouts& timeouts);

}  // namespace deepfog
