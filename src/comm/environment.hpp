#pragma once

#include <string>

namespace deepfog {

/// MPI for the life of the program: initialised on construction, finalised on destruction unless an exception
/// unwinds (the other ranks may be waiting elsewhere, and MPI_Finalize would wait for them). Errors are
/// returned and become Failure. Only the thread that makes the environment may call MPI
/// (MPI_THREAD_FUNNELED).
class Environment {
 public:
  /// Throws UserError when the launcher started several processes that do not see each other.
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  int exceptions_at_start_;
};

/// What is wrong when a launcher started `launched` processes but the world has `world` ranks; empty when
/// nothing is. Arguments are the values of SLURM_NTASKS and OMPI_COMM_WORLD_SIZE, null when not set.
std::string launch_mismatch(int world, const char* slurm_ntasks, const char* ompi_world_size);

/// Version of the MPI library, first line.
std::string mpi_library();

/// Name of the host this rank runs on.
std::string host_name();

/// Ends every rank of the job at once with `code`; for when orderly ways are closed (a rank lost or stuck).
[[noreturn]] void end_all_ranks(int code);

}  // namespace deepfog
