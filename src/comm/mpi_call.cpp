#include "comm/mpi_call.hpp"

#include <string>

#include "comm/backoff.hpp"
#include "core/error.hpp"

namespace deepfog {

void check(int status, const char* call) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  if (MPI_Error_string(status, text, &length) != MPI_SUCCESS) length = 0;
  throw Failure(
      std::string(call) + ": " +
      (length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "error " + std::to_string(status)));
}

bool completes(MPI_Request& request, const Deadline& deadline, const char* call) {
  Backoff backoff;
  for (;;) {
    int done = 0;
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), call);
    if (done != 0) return true;
    if (deadline.passed()) return false;
    backoff.pause();
  }
}

void reap(Communicator::Handle& handle) {
  for (auto send = handle.pending.begin(); send != handle.pending.end();) {
    int done = 0;
    check(MPI_Test(&send->request, &done, MPI_STATUS_IGNORE), "MPI_Test of a send");
    send = done != 0 ? handle.pending.erase(send) : std::next(send);
  }
}

}  // namespace deepfog
