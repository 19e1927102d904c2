#include "inference/machine_meters.hpp"

#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace deepfog {
namespace {

/// The first word of a file of the kernel; empty if it cannot be read.
std::string first_word(const std::string& path) {
  std::ifstream stream(path);
  std::string word;
  stream >> word;
  return word;
}

std::optional<std::int64_t> read_counter(const std::string& path) {
  const std::string word = first_word(path);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value < 0) return std::nullopt;
  return value;
}

/// "intel-rapl:0" is a zone and "intel-rapl:0:1" a part of it (AMD uses the same names). A zone may also be
/// "psys", the whole platform, which includes the packages once more.
bool is_package(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string(), prefix = "intel-rapl:";
  return name.rfind(prefix, 0) == 0 && name.find(':', prefix.size()) == std::string::npos &&
         first_word((folder / "name").string()).rfind("package", 0) == 0;
}

std::optional<std::int64_t> clock_us(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<std::int64_t>(time.tv_sec) * 1000000 + time.tv_nsec / 1000;
}

}  // namespace

MachineMeters::MachineMeters(bool claims_energy, const std::string& powercap_folder) {
  if (!claims_energy) return;
  std::error_code error;  // many machines have no such folder: no energy
  std::filesystem::directory_iterator zone(powercap_folder, error);
  for (; !error && zone != std::filesystem::directory_iterator(); zone.increment(error)) {
    if (!is_package(zone->path())) continue;
    const std::string counter = (zone->path() / "energy_uj").string();
    const auto latest = read_counter(counter);
    const auto range = read_counter((zone->path() / "max_energy_range_uj").string());
    if (!latest || !range || *range == 0 || *latest > *range) {
      packages_.clear();
      return;
    }
    packages_.push_back({counter, *range, *latest});
  }
  if (error) packages_.clear();
}

std::optional<double> MachineMeters::energy_j() {
  for (Package& package : packages_) {
    const auto now = read_counter(package.counter);
    if (!now || *now > package.range_uj) {
      packages_.clear();
      break;
    }
    std::int64_t step_uj = *now - package.latest_uj;
    if (step_uj < 0) step_uj += package.range_uj;
    energy_uj_ += static_cast<double>(step_uj);
    package.latest_uj = *now;
  }
  if (packages_.empty()) return std::nullopt;
  return energy_uj_ * 1e-6;
}

std::optional<std::int64_t> MachineMeters::resident_bytes() const {
  std::ifstream stream("/proc/self/statm");
  std::int64_t size_pages = 0, resident_pages = 0;
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (!(stream >> size_pages >> resident_pages) || resident_pages <= 0 || page_bytes <= 0)
    return std::nullopt;
  return resident_pages * page_bytes;
}

std::optional<std::int64_t> MachineMeters::process_cpu_us() const {
  return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

std::optional<std::int64_t> MachineMeters::thread_cpu_us() const {
  return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace deepfog
