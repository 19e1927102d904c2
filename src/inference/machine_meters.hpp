#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deepfog {

/// What the machine reports about this process: memory, CPU time and energy. A figure that the machine does
/// not provide is nullopt, never 0.
///
/// Energy is read from RAPL ("Running Average Power Limit") through Linux's powercap folder. Each processor
/// package has one counter, which covers everything that runs on it, not only this process. Therefore only
/// the lowest rank of each host may claim it, and the figure is that of the host. Often only root may read
/// it.
class MachineMeters {
 public:
  /// Starts to count energy.
  /// @param claims_energy   true for the lowest rank of a host only
  /// @param powercap_folder where the counters are; tests pass their own
  explicit MachineMeters(bool claims_energy, const std::string& powercap_folder = "/sys/class/powercap");

  /// Joules of all packages of this host since construction; nullopt if not claimed, if there is no package,
  /// or once one cannot be read (then for good, since the sum would be incomplete). A counter wraps to 0
  /// after max_energy_range_uj (after 20 minutes at 200 W and the usual 262 kJ): call this at least that
  /// often.
  std::optional<double> energy_j();

  std::optional<std::int64_t> resident_bytes() const;  ///< of this process, in memory now
  std::optional<std::int64_t> process_cpu_us() const;  ///< user and system time of all its threads
  std::optional<std::int64_t> thread_cpu_us() const;   ///< of the calling thread

 private:
  struct Package {
    std::string counter;         ///< the file
    std::int64_t range_uj = 0;   ///< the counter wraps after this value
    std::int64_t latest_uj = 0;  ///< the last value read
  };
  std::vector<Package> packages_;  ///< empty: no energy
  double energy_uj_ = 0;
};

}  // namespace deepfog
