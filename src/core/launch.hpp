#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace deepfog {

/// The launcher that started this process as one of several ranks or tasks.
struct Launch {
  std::string by;       ///< "mpirun", "srun" or "mpiexec"; empty: nobody did
  int rank = 0;         ///< place among the processes of the launch
  int size = 1;         ///< number of processes that it started
  bool direct = false;  ///< the launcher's own child; false below a shell or script that it started
};

/// What a process can see of its launcher before MPI starts.
struct Surroundings {
  struct Process {
    long id = 0;
    std::string name;  ///< as in /proc/ID/comm
  };
  std::map<std::string, std::string> variables;  ///< the environment
  std::vector<Process> line;                     ///< this process, its parent and so on; empty where unknown
  std::function<bool(const std::string&)>
      answers;                       ///< whether the PMIx server at an address takes connections
  std::function<bool(int)> is_open;  ///< whether a file descriptor is open
};
Surroundings surroundings();  ///< of this process

/// The launch that this process belongs to. Variables alone prove nothing: shells, batch scripts and cron
/// jobs inherit them from steps and jobs that have ended. They count when their launcher is alive: the PMIx
/// server of mpirun answers, the task that srun started is this process or one of its ancestors, or an
/// ancestor is the launcher's daemon.
Launch find_launch(const Surroundings& seen);

/// Names of the variables that launches of the past have left behind and that an MPI library would take for
/// orders to join them. Empty where a launcher is alive or cannot be judged.
std::vector<std::string> stale_launch_variables(const Surroundings& seen);

}  // namespace deepfog
