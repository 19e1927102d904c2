#pragma once

#include <string>

#include "core/launch.hpp"

namespace deepfog {

/// MPI for the life of the program: initialised on construction, finalised on destruction unless an exception
/// unwinds (the other ranks may be waiting elsewhere, and MPI_Finalize would wait for them). Errors are
/// returned and become Failure. Only the thread that makes the environment may call MPI
/// (MPI_THREAD_FUNNELED).
class Environment {
 public:
  /// Removes the variables that launches of the past left behind from the environment, so that the library
  /// does not try to join them. Throws UserError when the launcher started several processes that do not see
  /// each other.
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  int exceptions_at_start_;
};

/// What is wrong when the world has `world` ranks but the launcher started another number of processes; empty
/// when nothing is. A process that nobody launched may be alone, also inside an allocation of many tasks.
std::string launch_mismatch(int world, const Launch& launch);

/// Version of the MPI library, first line. This and the next also without an Environment.
std::string mpi_library();

/// Version of the MPI standard that the library follows, "3.1".
std::string mpi_standard();

/// Name of the host this rank runs on.
std::string host_name();

/// The library can report dead peers (ULFM: Open MPI 5 and later). It does so only when the launcher was told
/// to as well: `mpirun --with-ft ulfm`. Without it a dead peer is silence.
bool ulfm_available();

/// A write to the socket of a dead peer becomes an error of that write instead of the end of this process.
/// For runs that are to outlive their ranks; before the first message. Throws Failure.
void ignore_broken_pipes();

/// Flushes the streams and ends this process with `code`, without destructors and without MPI_Finalize: after
/// the death of a rank MPI_Finalize waits for it, in Open MPI 4.1.4 for ever in one of four to one of twenty
/// runs, so the survivors of a death leave this way once their results are safe. Under `mpirun
/// --enable-recovery` nobody is ended for it, and mpirun returns 0 whatever the code.
[[noreturn]] void leave_without_finalize(int code);

/// Ends every rank of the job at once with `code`; for when orderly ways are closed (a rank lost or stuck).
[[noreturn]] void end_all_ranks(int code);

}  // namespace deepfog
