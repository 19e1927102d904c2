#include "comm/environment.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "comm/mpi_call.hpp"
#include "core/error.hpp"
#include "core/launch.hpp"

namespace deepfog {

Environment::Environment(int& argc, char**& argv) : exceptions_at_start_(std::uncaught_exceptions()) {
  for (const std::string& name : stale_launch_variables(surroundings())) ::unsetenv(name.c_str());
  int provided = 0;
  check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_FUNNELED) throw Failure("the MPI library cannot be used beside other threads");
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  int world = 0;
  check(MPI_Comm_size(MPI_COMM_WORLD, &world), "MPI_Comm_size");
  const std::string mismatch = launch_mismatch(world, find_launch(surroundings()));
  if (!mismatch.empty()) {
    MPI_Finalize();  // its status does not matter: the program ends with the message below
    throw UserError("launcher", mismatch);
  }
}

Environment::~Environment() {
  if (std::uncaught_exceptions() > exceptions_at_start_) return;
  const int status = MPI_Finalize();
  if (status != MPI_SUCCESS) std::cerr << "deepfog: MPI_Finalize returned " << status << std::endl;
}

std::string launch_mismatch(int world, const Launch& launch) {
  if (launch.by.empty() || launch.size == world) return "";
  const std::string size = std::to_string(launch.size);
  if (launch.by != "srun") {
    return launch.by + " started " + size + " processes but the program's MPI library sees " +
           std::to_string(world) + " (use the " + launch.by +
           " of the MPI library the program was built with)";
  }
  // mpirun starts its daemons with srun: their step has another number of tasks than the world has ranks.
  if (world > 1) return "";
  return "Slurm has " + size +
         " tasks but this process is alone in its MPI world (start with mpirun, or with srun --mpi=TYPE "
         "where "
         "TYPE is one that srun --mpi=list shows and the MPI library supports)";
}

std::string mpi_library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  check(MPI_Get_library_version(text, &length), "MPI_Get_library_version");
  const std::string all(text);  // some libraries count the final NUL in `length`, some do not
  return all.substr(0, all.find('\n'));
}

std::string mpi_standard() {
  int version = 0, subversion = 0;
  check(MPI_Get_version(&version, &subversion), "MPI_Get_version");
  return std::to_string(version) + "." + std::to_string(subversion);
}

std::string host_name() {
  char text[MPI_MAX_PROCESSOR_NAME] = {};
  int length = 0;
  check(MPI_Get_processor_name(text, &length), "MPI_Get_processor_name");
  return std::string(text, static_cast<std::size_t>(length));
}

bool ulfm_available() {
#ifdef DEEPFOG_ULFM
  return true;
#else
  return false;
#endif
}

void ignore_broken_pipes() {
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw Failure("SIGPIPE cannot be ignored");
}

namespace {

void flush_streams() {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(nullptr);
}

}  // namespace

void leave_without_finalize(int code) {
  flush_streams();
  _exit(code);
}

void end_all_ranks(int code) {
  flush_streams();
  MPI_Abort(MPI_COMM_WORLD, code);  // returns only if it failed; the process ends in either case
  _exit(code);
}

}  // namespace deepfog
