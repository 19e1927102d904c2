#pragma once

#include <mpi.h>

#include <vector>

// Internal to this room: classifies the error of an MPI status.
namespace deepfog {

bool is_truncation(int mpi_error);

/// Whether the library says that the peer of the call is dead (ULFM). Never true if the library cannot know.
bool is_reported_death(int mpi_error);

/// The ranks of `comm` that the library knows to be dead. Calls for any source continue without them
/// afterwards, until the next death.
std::vector<int> acknowledge_deaths(MPI_Comm comm);

}  // namespace deepfog
