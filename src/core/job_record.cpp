#include "core/job_record.hpp"

#include <unistd.h>

#include <map>
#include <set>

#include "core/secrets.hpp"

namespace deepfog {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::size_t longest_value = 4096, longest_read = 1U << 16;

/// Variables that determine where a process runs, on how many threads, and through which network and
/// libraries. The list is short on purpose: files are published, and other variables may hold anything.
const std::set<std::string>& kept_names() {
  static const std::set<std::string> names{
      // batch systems
      "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_CLUSTER_NAME", "SLURM_CPUS_ON_NODE",
      "SLURM_CPUS_PER_TASK", "SLURM_JOB_ID", "SLURM_JOB_NODELIST", "SLURM_JOB_NUM_NODES",
      "SLURM_JOB_PARTITION", "SLURM_MEM_PER_CPU", "SLURM_MEM_PER_NODE", "SLURM_NTASKS",
      "SLURM_NTASKS_PER_NODE", "SLURM_RESTART_COUNT", "SLURM_STEP_NUM_TASKS", "SLURM_TASKS_PER_NODE",
      "PBS_JOBID", "PBS_NP", "PBS_NUM_NODES", "LSB_JOBID", "LSB_HOSTS", "LSB_DJOB_NUMPROC", "FLUX_JOB_ID",
      // MPI and its networks
      "OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_COMM_WORLD_SIZE", "OMPI_MCA_btl", "OMPI_MCA_btl_tcp_if_include",
      "OMPI_MCA_btl_vader_single_copy_mechanism", "OMPI_MCA_hwloc_base_binding_policy",
      "OMPI_MCA_mpi_yield_when_idle", "OMPI_MCA_mtl", "OMPI_MCA_pml", "OMPI_MCA_rmaps_base_mapping_policy",
      "OMPI_MCA_rmaps_base_oversubscribe", "PRTE_MCA_hwloc_default_binding_policy",
      "PRTE_MCA_rmaps_default_mapping_policy", "PMIX_VERSION", "PMI_SIZE", "I_MPI_FABRICS",
      "MPICH_OFI_NIC_POLICY", "UCX_NET_DEVICES", "UCX_TLS", "FI_PROVIDER",
      // threads and processors
      "OMP_NUM_THREADS", "OMP_PLACES", "OMP_PROC_BIND", "OMP_SCHEDULE", "OMP_THREAD_LIMIT", "OMP_WAIT_POLICY",
      "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "MKL_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS",
      "BLIS_NUM_THREADS", "ATEN_CPU_CAPABILITY", "CUBLAS_WORKSPACE_CONFIG", "CUDA_VISIBLE_DEVICES",
      "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
      // the program, files and libraries
      "DEEPFOG_DATA_DIR", "DEEPFOG_KERNEL", "DEEPFOG_LAUNCHER", "DEEPFOG_SRUN_MPI", "HDF5_USE_FILE_LOCKING",
      "LD_LIBRARY_PATH", "LD_PRELOAD", "LOADEDMODULES", "PATH", "CONDA_DEFAULT_ENV", "SPACK_ENV", "TMPDIR",
      "LANG", "LC_ALL"};
  return names;
}

/// Cuts the value after at most `most` bytes, but never inside a character.
std::string shortened(const std::string& value, std::size_t most) {
  if (value.size() <= most) return value;
  while (most > 0 && (static_cast<unsigned char>(value[most]) & 0xC0U) == 0x80U) --most;
  return value.substr(0, most) + "...";
}

/// One line of bounded length without secrets. Secrets are masked before cutting, since even half a password
/// is one.
std::string shown(std::string value) {
  if (value.size() > longest_read) value = shortened(value, longest_read);
  value = without_secrets(value);
  for (char& letter : value) {
    if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
  }
  return shortened(value, longest_value);
}

std::string value_of(const Variables& all, const std::string& name) {
  const auto entry = all.find(name);
  return entry == all.end() ? "" : entry->second;
}

std::string slurm_job(const Variables& all) {
  const std::string array = value_of(all, "SLURM_ARRAY_JOB_ID"),
                    restart = value_of(all, "SLURM_RESTART_COUNT");
  std::string detail;
  if (!array.empty()) detail = "array " + array + " task " + value_of(all, "SLURM_ARRAY_TASK_ID");
  if (!restart.empty() && restart != "0") detail += (detail.empty() ? "" : ", ") + ("restart " + restart);
  return "slurm " + value_of(all, "SLURM_JOB_ID") + (detail.empty() ? "" : " (" + detail + ")");
}

}  // namespace

JobRecord job_record(const char* const* environment) {
  Variables all;
  for (; *environment != nullptr; ++environment) {
    const std::string entry = *environment;
    const auto equals = entry.find('=');
    if (equals != std::string::npos) all[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  JobRecord record;
  if (all.count("SLURM_JOB_ID") != 0) {
    record.job = slurm_job(all);
    record.nodes = value_of(all, "SLURM_JOB_NODELIST");
  } else if (all.count("PBS_JOBID") != 0) {
    record.job = "pbs " + all["PBS_JOBID"];
  } else if (all.count("LSB_JOBID") != 0) {
    record.job = "lsf " + all["LSB_JOBID"];
    record.nodes = value_of(all, "LSB_HOSTS");
  }
  record.modules = value_of(all, "LOADEDMODULES");
  for (const auto& [name, value] : all) {
    if (kept_names().count(name) != 0) record.environment += name + "=" + shown(value) + "\n";
  }
  return record;
}

JobRecord job_record() {
  return job_record(environ);
}

}  // namespace deepfog
