#pragma once

#include <string>

#include "core/launch.hpp"

namespace deepfog {

/// MPI for the life of the program: initialised on construction and finalised on destruction, except during
/// the unwinding of an exception (MPI_Finalize would wait for the other ranks, which may be waiting
/// elsewhere). Errors are returned and become Failure. Only the thread that creates the environment may call
/// MPI (MPI_THREAD_FUNNELED).
class Environment {
 public:
  /// Removes variables that ended launches have left in the environment, so that the library does not try to
  /// join them. Throws UserError if the launcher started several processes that do not see each other.
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  int exceptions_at_start_;
};

/// Describes the problem if the world has `world` ranks but the launcher started another number of processes;
/// empty if there is none. A process without a launcher may be alone, even inside an allocation of many
/// tasks.
std::string launch_mismatch(int world, const Launch& launch);

/// Version of the MPI library, first line. This function and the next also work without an Environment.
std::string mpi_library();

/// Version of the MPI standard that the library implements, such as "3.1".
std::string mpi_standard();

/// Name of the host this rank runs on.
std::string host_name();

/// Whether the library can report dead peers (ULFM: Open MPI 5 and later). It does so only if the launcher
/// was told to as well: `mpirun --with-ft ulfm`. Otherwise a dead peer is silent.
bool ulfm_available();

/// Makes a write to the socket of a dead peer an error of that write instead of the end of this process. For
/// runs that must survive the death of ranks; call it before the first message. Throws Failure.
void ignore_broken_pipes();

/// Flushes the streams and ends this process with `code`, without destructors and without MPI_Finalize. After
/// the death of a rank, MPI_Finalize waits for it (in Open MPI 4.1.4 for ever, in one of four to one of
/// twenty runs), so survivors exit this way once their results are stored. Under `mpirun --enable-recovery`
/// this ends no other rank, and mpirun returns 0 whatever the code.
[[noreturn]] void leave_without_finalize(int code);

/// Ends every rank of the job at once with `code`, if an orderly end is impossible (a rank is lost or stuck).
[[noreturn]] void end_all_ranks(int code);

}  // namespace deepfog
