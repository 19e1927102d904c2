#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deepfog {

/// The launcher that started this process as one of several ranks or tasks.
struct Launch {
  std::string by;       ///< "mpirun", "srun" or "mpiexec"; empty: no launcher
  int rank = 0;         ///< among the processes of the launch
  int size = 1;         ///< number of processes in the launch
  bool direct = false;  ///< the launcher's own child; false if it runs below a shell or script that was
                        ///< launched
};

/// What a process can find out about its launcher before MPI starts.
struct Surroundings {
  struct Process {
    long id = 0;
    std::string name;  ///< as in /proc/ID/comm
  };
  std::map<std::string, std::string> variables;  ///< the environment
  std::vector<Process> line;                     ///< this process, its parent and so on; empty if unknown
  std::function<bool(const std::string&)>
      answers;                       ///< whether the PMIx server at an address accepts connections
  std::function<bool(int)> is_open;  ///< whether a file descriptor is open
};
Surroundings surroundings();  ///< of this process

/// The launch to which this process belongs. Variables alone prove nothing, because shells, batch scripts and
/// cron jobs inherit them from steps and jobs that have ended. They count only if their launcher is alive:
/// the PMIx server of mpirun accepts connections, the task started by srun is this process or one of its
/// ancestors, or an ancestor is the launcher's daemon.
Launch find_launch(const Surroundings& seen);

/// Names of the variables that ended launches have left behind and that would make an MPI library try to join
/// them. Empty if a launcher is alive or its state is unknown.
std::vector<std::string> stale_launch_variables(const Surroundings& seen);

}  // namespace deepfog
