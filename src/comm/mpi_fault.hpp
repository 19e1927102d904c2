#pragma once

#include <mpi.h>

#include <vector>

// For this room only: which error an MPI status means.
namespace deepfog {

bool is_truncation(int mpi_error);

/// The library says that the peer of the call is dead (ULFM). Never true where the library cannot know.
bool is_reported_death(int mpi_error);

/// The ranks of `comm` that the library knows to be dead. Calls for any source go on without them afterwards,
/// until the next death.
std::vector<int> acknowledge_deaths(MPI_Comm comm);

}  // namespace deepfog
