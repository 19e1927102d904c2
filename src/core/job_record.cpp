#include "core/job_record.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <vector>

namespace deepfog {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::size_t longest_value = 4096, longest_read = 1U << 16;
constexpr const char* masked = "(masked)";

/// What ends in '_' stands for all names that begin so.
const std::vector<std::string>& kept_names() {
  static const std::vector<std::string> names{
      "SLURM_",     "SBATCH_",       "SRUN_",      "PBS_",   "LSB_",    "FLUX_",     "OMPI_",
      "PMIX_",      "PMI_",          "PRTE_",      "MPICH_", "I_MPI_",  "MV2_",      "UCX_",
      "FI_",        "OMP_",          "GOMP_",      "KMP_",   "MKL_",    "OPENBLAS_", "BLIS_",
      "ATEN_",      "TORCH_",        "PYTORCH_",   "CUDA_",  "NVIDIA_", "ROCR_",     "HIP_",
      "HDF5_",      "DEEPFOG_",      "SPACK_",     "CONDA_", "EBROOT",  "PATH",      "LD_LIBRARY_PATH",
      "LD_PRELOAD", "LOADEDMODULES", "MODULEPATH", "TMPDIR", "LANG"};
  return names;
}

bool is_kept(const std::string& name) {
  const auto fits = [&](const std::string& kept) {
    const bool family = kept.back() == '_' || kept == "EBROOT";
    return family ? name.compare(0, kept.size(), kept) == 0 : name == kept;
  };
  return std::any_of(kept_names().begin(), kept_names().end(), fits);
}

bool is_secret(const std::string& name) {
  std::string upper;
  for (const char letter : name) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  const char* const words[] = {"TOKEN",  "SECRET", "PASS", "CRED", "APIKEY",  "API_KEY",  "AUTH",
                               "COOKIE", "PWD",    "JWT",  "_KEY", "PRIVATE", "SIGNATURE"};
  return std::any_of(std::begin(words), std::end(words),
                     [&](const char* word) { return upper.find(word) != std::string::npos; });
}

/// Cut at `most` bytes, but never inside a character.
std::string shortened(const std::string& value, std::size_t most) {
  if (value.size() <= most) return value;
  while (most > 0 && (static_cast<unsigned char>(value[most]) & 0xC0U) == 0x80U) --most;
  return value.substr(0, most) + "...";
}

/// One line of bounded length that names nobody. Masked before it is cut: half a password is one, too.
std::string shown(const std::string& name, std::string value) {
  if (is_secret(name)) return masked;
  static const std::regex user("://[^/[:space:]]+@");
  if (value.size() > longest_read) value = shortened(value, longest_read);
  value = std::regex_replace(value, user, "://" + std::string(masked) + "@");
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
    if (is_kept(name)) record.environment += name + "=" + shown(name, value) + "\n";
  }
  return record;
}

JobRecord job_record() {
  return job_record(environ);
}

}  // namespace deepfog
