#pragma once

// For this room only: which error an MPI status means.
namespace deepfog {

bool is_truncation(int mpi_error);

/// The library says that the peer of the call is dead (ULFM). Never true where the library cannot know.
bool is_reported_death(int mpi_error);

}  // namespace deepfog
