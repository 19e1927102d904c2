#include "cli/environment_report.hpp"

#include <cstdlib>

#include "comm/environment.hpp"
#include "core/build_info.hpp"
#include "core/home.hpp"
#include "kernels/dense_kernels.hpp"
#include "scheduler/hosts.hpp"
#include "storage/hdf5_version.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

/// Vector instructions of the processor among those that the kernels can use.
std::string processor_vectors() {
  std::string found;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found += "avx2 ";
  if (__builtin_cpu_supports("avx512f")) found += "avx512 ";
#endif
  return found.empty() ? "none" : found.substr(0, found.size() - 1);
}

}  // namespace

std::string launcher_text(const Surroundings& seen) {
  const auto entry = seen.variables.find("SLURM_JOB_ID");
  const std::string job =
      entry == seen.variables.end() || entry->second.empty() ? "" : ", Slurm job " + entry->second;
  const Launch launch = find_launch(seen);
  if (launch.by.empty()) return "none" + job;
  return launch.by + ", " + std::to_string(launch.size) + (launch.by == "srun" ? " tasks" : " ranks") + job;
}

std::vector<std::pair<std::string, std::string>> environment_report() {
  const BuildInfo& build = build_info();
  const NumericsInfo numerics = numerics_info();
  const GpuInfo gpus = gpu_info();
  const Place place = this_place("");
  const char* omp = std::getenv("OMP_NUM_THREADS");
  return {
      {"deepfog", build.version},
      {"commit", build.git_sha + (build.git_dirty ? " (modified)" : "")},
      {"compiler", build.compiler},
      {"home", home_folder()},
      {"mpi_library", mpi_library()},
      {"mpi_standard", mpi_standard()},
      {"ulfm", yes_or_no(ulfm_available())},
      {"launcher", launcher_text(surroundings())},
      {"cores_of_host", std::to_string(place.cores)},
      {"cores_allowed", std::to_string(place.cores_for_rank)},
      {"omp_num_threads", omp == nullptr ? "not set" : omp},
      {"default_threads", std::to_string(default_threads())},
      {"processor_vectors", processor_vectors()},
      {"kernels_used", dense_kernels().name},
      {"libtorch", numerics.torch_version},
      {"blas", numerics.blas_library},
      {"reference_blas", yes_or_no(numerics.reference_blas) +
                             (numerics.reference_blas ? " (fifty times slower: install OpenBLAS)" : "")},
      {"cuda", yes_or_no(gpus.cuda)},
      {"gpus", std::to_string(gpus.count)},
      {"hdf5", hdf5_version()},
  };
}

}  // namespace deepfog
