#include "comm/mpi_fault.hpp"

#ifdef DEEPFOG_ULFM
#include <mpi-ext.h>

#include <numeric>

#include "comm/mpi_call.hpp"
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
bool is_reported_death(int mpi_error) {
  const int error_class = class_of(mpi_error);
  return error_class == MPIX_ERR_PROC_FAILED || error_class == MPIX_ERR_PROC_FAILED_PENDING;
}

std::vector<int> acknowledge_deaths(MPI_Comm comm) {
  MPI_Group dead = MPI_GROUP_NULL, all = MPI_GROUP_NULL;
  check(MPIX_Comm_failure_ack(comm), "MPIX_Comm_failure_ack");
  check(MPIX_Comm_failure_get_acked(comm, &dead), "MPIX_Comm_failure_get_acked");
  check(MPI_Comm_group(comm, &all), "MPI_Comm_group");
  int count = 0;
  check(MPI_Group_size(dead, &count), "MPI_Group_size");
  std::vector<int> own(static_cast<std::size_t>(count)), ranks(own.size());
  std::iota(own.begin(), own.end(), 0);
  check(MPI_Group_translate_ranks(dead, count, own.data(), all, ranks.data()), "MPI_Group_translate_ranks");
  check(MPI_Group_free(&dead), "MPI_Group_free");
  check(MPI_Group_free(&all), "MPI_Group_free");
  return ranks;
}
#else
bool is_reported_death(int) {
  return false;
}

std::vector<int> acknowledge_deaths(MPI_Comm) {
  return {};
}
#endif

}  // namespace deepfog
