#pragma once

#include <mpi.h>

#include <list>
#include <memory>

#include "comm/communicator.hpp"
#include "comm/tagged_message.hpp"
#include "core/deadline.hpp"

// For this room only: the one header that shows mpi.h.
namespace deepfog {

/// A send that MPI may still read from.
struct PendingSend {
  MPI_Request request = MPI_REQUEST_NULL;
  std::unique_ptr<Bytes> bytes;
};

struct Communicator::Handle {
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0, size = 1;
  std::list<PendingSend> pending;
};

/// Throws Failure naming the call and MPI's own words when `status` is not MPI_SUCCESS.
void check(int status, const char* call);

/// Tests the request until it is complete (true) or the deadline has passed (false: MPI still uses its
/// buffers).
bool completes(MPI_Request& request, const Deadline& deadline, const char* call);

/// Drops the sends that are complete.
void reap(Communicator::Handle& handle);

}  // namespace deepfog
