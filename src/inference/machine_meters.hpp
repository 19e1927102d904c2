#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deepfog {

/// What the machine says about this process: memory, CPU time, energy. A figure that the machine does not
/// give is nothing, never 0.
///
/// Energy is RAPL's ("Running Average Power Limit") as Linux shows it in the power capping folder: one
/// counter for each processor package, of all that runs on it, whoever's it is. So on each host only the
/// lowest rank may claim it, and the figure is the host's, not this process's. Often only root may read it.
class MachineMeters {
 public:
  /// Begins to count energy.
  /// @param claims_energy   true for the lowest rank of a host only
  /// @param powercap_folder where the counters are; tests bring their own
  explicit MachineMeters(bool claims_energy, const std::string& powercap_folder = "/sys/class/powercap");

  /// Joules of all packages of this host since construction; nothing when not claimed, or when there is no
  /// package or one cannot be read (then for good: a sum with a gap is no sum). A counter starts again from 0
  /// after max_energy_range_uj (at 200 W and the usual 262 kJ, after 20 minutes): ask at least that often.
  std::optional<double> energy_j();

  std::optional<std::int64_t> resident_bytes() const;  ///< of this process in memory now
  std::optional<std::int64_t> process_cpu_us() const;  ///< user and system time of all its threads
  std::optional<std::int64_t> thread_cpu_us() const;   ///< of the thread that asks

 private:
  struct Package {
    std::string counter;         ///< the file
    std::int64_t range_uj = 0;   ///< the counter starts again after this
    std::int64_t latest_uj = 0;  ///< as last read
  };
  std::vector<Package> packages_;  ///< empty: no energy
  double energy_uj_ = 0;
};

}  // namespace deepfog
