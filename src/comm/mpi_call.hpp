#pragma once

#include <mpi.h>

#include <list>
#include <memory>

#include "comm/communicator.hpp"
#include "comm/tagged_message.hpp"
#include "core/deadline.hpp"

// Internal to this room: the only header that includes mpi.h.
namespace deepfog {

/// A send whose buffer MPI may still read.
struct PendingSend {
  MPI_Request request = MPI_REQUEST_NULL;
  std::unique_ptr<Bytes> bytes;
};

struct Communicator::Handle {
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0, size = 1;
  std::list<PendingSend> pending;
};

/// Throws Failure with the name of the call and MPI's error text if `status` is not MPI_SUCCESS.
void check(int status, const char* call);

/// Tests the request until it is complete (returns true) or the deadline has passed (returns false: MPI still
/// uses its buffers).
bool completes(MPI_Request& request, const Deadline& deadline, const char* call);

/// Removes the sends that are complete.
void reap(Communicator::Handle& handle);

}  // namespace deepfog
