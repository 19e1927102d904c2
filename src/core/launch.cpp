#include "core/launch.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace deepfog {
namespace {

using Names = std::vector<std::string>;

bool begins(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

bool begins_with_any(const std::string& text, const Names& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& one) { return begins(text, one); });
}

const std::string* variable(const Surroundings& seen, const std::string& name) {
  const auto entry = seen.variables.find(name);
  return entry == seen.variables.end() ? nullptr : &entry->second;
}

/// The variable as a whole number >= 0; nullopt if it is anything else.
std::optional<int> number(const Surroundings& seen, const std::string& name) {
  const std::string* text = variable(seen, name);
  if (text == nullptr || text->empty() || text->size() > 9 ||
      text->find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::atoi(text->c_str());
}

/// Index of the nearest process of the line of descent for which `holds`; -1: there is none.
template <class Predicate>
int generation(const Surroundings& seen, const Predicate& holds) {
  const auto at = std::find_if(seen.line.begin(), seen.line.end(), holds);
  return at == seen.line.end() ? -1 : static_cast<int>(at - seen.line.begin());
}

int generation_of_daemon(const Surroundings& seen, const Names& names) {
  return generation(seen, [&](const auto& process) { return begins_with_any(process.name, names); });
}

const Names& mpirun_daemons() {
  static const Names names{"mpirun", "mpiexec", "orterun", "orted", "prte", "prun"};
  return names;
}
const Names& other_daemons() {
  static const Names names{"hydra_pmi_proxy", "hydra_bstrap", "pmi_proxy", "mpispawn",
                           "flux-shell",      "palsd",        "mpiexec",   "mpirun"};
  return names;
}

bool has_server(const Surroundings& seen) {
  return std::any_of(seen.variables.begin(), seen.variables.end(), [&](const auto& entry) {
    return begins(entry.first, "PMIX_SERVER_URI") && seen.answers(entry.second);
  });
}

/// A launch with rank and size from two variables, if they are consistent.
std::optional<Launch> launch_by(const Surroundings& seen, const std::string& by, const std::string& rank_name,
                                const std::string& size_name) {
  const auto rank = number(seen, rank_name), size = number(seen, size_name);
  if (!rank || !size || *rank >= *size) return std::nullopt;
  return Launch{by, *rank, *size, false};
}

/// Generation of the task, in a step of several tasks, that srun started; -1: this process descends from
/// none.
int generation_of_task(const Surroundings& seen) {
  const auto task = number(seen, "SLURM_TASK_PID");
  if (!task || number(seen, "SLURM_STEP_NUM_TASKS").value_or(1) <= 1) return -1;
  const int at = generation(seen, [&](const auto& process) { return process.id == *task; });
  const bool shell = at > 0 && variable(seen, "SLURM_PTY_PORT") != nullptr;  // srun --pty bash
  return shell ? -1 : at;
}

bool pmi_is_alive(const Surroundings& seen) {
  const auto descriptor = number(seen, "PMI_FD");
  return descriptor && seen.is_open(*descriptor);
}

/// Variables that Open MPI's mpirun and PMIx servers set for their children, as opposed to those that users
/// set.
bool is_of_mpirun(const std::string& name) {
  static const Names families{"OMPI_COMM_WORLD_", "OMPI_MCA_ess_base_", "OMPI_MCA_orte_ess_"};
  static const Names names{"OMPI_MCA_ess",
                           "OMPI_MCA_pmix",
                           "OMPI_MCA_initial_wdir",
                           "OMPI_MCA_orte_app_num",
                           "OMPI_MCA_orte_hnp_uri",
                           "OMPI_MCA_orte_jobfam_session_dir",
                           "OMPI_MCA_orte_launch",
                           "OMPI_MCA_orte_local_daemon_uri",
                           "OMPI_MCA_orte_num_nodes",
                           "OMPI_MCA_orte_precondition_transports",
                           "OMPI_MCA_orte_top_session_dir",
                           "OMPI_MCA_shmem_RUNTIME_QUERY_hint",
                           "OMPI_APP_CTX_NUM_PROCS",
                           "OMPI_FILE_LOCATION",
                           "OMPI_FIRST_RANKS",
                           "OMPI_NUM_APP_CTX",
                           "OMPI_UNIVERSE_SIZE",
                           "PRTE_LAUNCHED"};
  if (begins(name, "PMIX_")) return !begins(name, "PMIX_MCA_");
  return begins_with_any(name, families) || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Launch find_launch(const Surroundings& seen) {
  if (has_server(seen)) {
    if (auto launch = launch_by(seen, "mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")) {
      launch->direct = seen.line.size() > 1 && begins_with_any(seen.line[1].name, mpirun_daemons());
      return *launch;
    }
  }
  const int task = generation_of_task(seen);
  if (task >= 0) {
    if (auto launch = launch_by(seen, "srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")) {
      launch->direct = task == 0;
      return *launch;
    }
  }
  const int daemon = generation_of_daemon(seen, other_daemons());
  if (daemon > 0) {
    for (const std::string family : {"PMI", "MV2_COMM_WORLD"}) {
      if (auto launch = launch_by(seen, "mpiexec", family + "_RANK", family + "_SIZE")) {
        launch->direct = daemon == 1;
        return *launch;
      }
    }
  }
  return {};
}

std::vector<std::string> stale_launch_variables(const Surroundings& seen) {
  Names stale;
  if (seen.line.empty() || has_server(seen)) return stale;
  const bool flux = generation_of_daemon(seen, {"flux-shell"}) >= 0;
  const bool step = pmi_is_alive(seen) || generation_of_task(seen) >= 0;
  const bool pmi = pmi_is_alive(seen) || generation_of_daemon(seen, other_daemons()) >= 0;
  for (const auto& [name, value] : seen.variables) {
    const bool of_step = name == "SLURM_STEP_ID" || name == "SLURM_STEPID";
    const bool of_pmi = name == "PMI_FD" || name == "PMI_RANK" || name == "PMI_SIZE" || name == "PMI_PORT";
    if (is_of_mpirun(name) || (of_step && !step) || (name == "FLUX_JOB_ID" && !flux) || (of_pmi && !pmi))
      stale.push_back(name);
  }
  return stale;
}

}  // namespace deepfog
