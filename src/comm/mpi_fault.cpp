#include "comm/mpi_fault.hpp"

#include <mpi.h>
#ifdef DEEPFOG_ULFM
#include <mpi-ext.h>
#endif

namespace deepfog {
namespace {

int class_of(int mpi_error) {
  int error_class = MPI_ERR_UNKNOWN;
  return MPI_Error_class(mpi_error, &error_class) == MPI_SUCCESS ? error_class : MPI_ERR_UNKNOWN;
}

}  // namespace

bool is_truncation(int mpi_error) {
  return class_of(mpi_error) == MPI_ERR_TRUNCATE;
}

#ifdef DEEPFOG_ULFM
// Receives are posted a peer, never for any source, so a failure needs no acknowledgement to go on.
bool is_reported_death(int mpi_error) {
  return class_of(mpi_error) == MPIX_ERR_PROC_FAILED;
}
#else
bool is_reported_death(int) {
  return false;
}
#endif

}  // namespace deepfog
