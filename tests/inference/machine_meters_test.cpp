#include "inference/machine_meters.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "storage/scratch.hpp"

namespace deepfog {
namespace {

using test::Scratch;

/// A powercap folder like the kernel's.
class Powercap {
 public:
  std::string folder() const { return scratch_.folder(); }
  void zone(const std::string& zone, const std::string& name, const std::string& energy_uj,
            const std::string& range_uj = "262143328850") {
    std::filesystem::create_directories(scratch_.path(zone));
    put(zone, "name", name);
    put(zone, "energy_uj", energy_uj);
    put(zone, "max_energy_range_uj", range_uj);
  }
  void put(const std::string& zone, const std::string& file, const std::string& text) {
    test::write_file(scratch_.path(zone + "/" + file), text + "\n");
  }
  void remove(const std::string& zone, const std::string& file) {
    ASSERT_TRUE(std::filesystem::remove(scratch_.path(zone + "/" + file)));
  }

 private:
  Scratch scratch_;
};

TEST(MachineMeters, EnergyIsTheSumOfThePackagesSinceTheBeginning) {
  Powercap powercap;
  powercap.zone("intel-rapl:0", "package-0", "1000000");
  powercap.zone("intel-rapl:1", "package-1", "5000000");
  powercap.zone("intel-rapl:0:0", "core", "77");  // a part of package 0
  powercap.zone("intel-rapl:0:1", "package-0", "77");
  powercap.zone("intel-rapl:2", "psys", "88");            // the whole platform, which includes the packages
                                                          // once more
  powercap.zone("intel-rapl-mmio:0", "package-0", "99");  // the same package through another interface
  powercap.zone("dtpm", "package-0", "99");
  MachineMeters meters(true, powercap.folder());
  EXPECT_EQ(meters.energy_j(), 0.0);
  powercap.put("intel-rapl:0", "energy_uj", "3500000");
  powercap.put("intel-rapl:1", "energy_uj", "5250000");
  for (const char* other :
       {"intel-rapl:0:0", "intel-rapl:0:1", "intel-rapl:2", "intel-rapl-mmio:0", "dtpm"}) {
    powercap.put(other, "energy_uj", "100000000");
  }
  EXPECT_DOUBLE_EQ(meters.energy_j().value(), 2.75);
  EXPECT_DOUBLE_EQ(meters.energy_j().value(), 2.75);
}

TEST(MachineMeters, ACounterThatStartsAgain) {
  Powercap powercap;
  powercap.zone("intel-rapl:0", "package-0", "9000000", "10000000");
  MachineMeters meters(true, powercap.folder());
  powercap.put("intel-rapl:0", "energy_uj", "2000000");
  EXPECT_DOUBLE_EQ(meters.energy_j().value(), 3);
  powercap.put("intel-rapl:0", "energy_uj", "1000000");
  EXPECT_DOUBLE_EQ(meters.energy_j().value(), 12);
}

TEST(MachineMeters, EnergyThatIsNotKnownIsNothing) {
  Powercap powercap;
  EXPECT_EQ(MachineMeters(true, powercap.folder()).energy_j(), std::nullopt);
  EXPECT_EQ(MachineMeters(true, powercap.folder() + "/absent").energy_j(), std::nullopt);
  powercap.zone("intel-rapl:0", "package-0", "1000");
  EXPECT_EQ(MachineMeters(true, powercap.folder()).energy_j(), 0.0);
  EXPECT_EQ(MachineMeters(false, powercap.folder()).energy_j(), std::nullopt);
  for (const char* counter : {"", "x", "-5", "12x", "99999999999999999999999", "262143328851"}) {
    powercap.zone("intel-rapl:1", "package-1", counter);
    EXPECT_EQ(MachineMeters(true, powercap.folder()).energy_j(), std::nullopt) << counter;
  }
  for (const char* range : {"", "0", "-1", "x"}) {
    powercap.zone("intel-rapl:1", "package-1", "0", range);
    EXPECT_EQ(MachineMeters(true, powercap.folder()).energy_j(), std::nullopt) << range;
  }
}

TEST(MachineMeters, AfterAGapThereIsNoSum) {
  Powercap powercap;
  powercap.zone("intel-rapl:0", "package-0", "1000");
  powercap.zone("intel-rapl:1", "package-1", "1000");
  MachineMeters meters(true, powercap.folder());
  EXPECT_EQ(meters.energy_j(), 0.0);
  powercap.remove("intel-rapl:1", "energy_uj");
  EXPECT_EQ(meters.energy_j(), std::nullopt);
  powercap.put("intel-rapl:1", "energy_uj", "2000");
  EXPECT_EQ(meters.energy_j(), std::nullopt);
}

TEST(MachineMeters, ResidentMemoryGrowsWithWhatIsTouched) {
  const MachineMeters meters(false);
  const auto before = meters.resident_bytes();
  ASSERT_TRUE(before.has_value());
  EXPECT_GT(*before, 100000);
  const std::vector<char> touched(64 << 20, 'x');
  EXPECT_NEAR(static_cast<double>(meters.resident_bytes().value() - *before), 64 << 20, 8 << 20)
      << touched[9];
}

void burn(std::chrono::milliseconds span) {
  const auto end = std::chrono::steady_clock::now() + span;
  for (volatile int i = 0; std::chrono::steady_clock::now() < end;) i = i + 1;
}

TEST(MachineMeters, CpuTimeOfThreadAndProcess) {
  const MachineMeters meters(false);
  const auto thread = meters.thread_cpu_us().value(), process = meters.process_cpu_us().value();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LT(meters.thread_cpu_us().value() - thread, 40000);  // it slept
  std::thread([] { burn(std::chrono::milliseconds(300)); }).join();
  EXPECT_LT(meters.thread_cpu_us().value() - thread, 40000);  // the work of another thread
  EXPECT_GT(meters.process_cpu_us().value() - process, 20000);
}

}  // namespace
}  // namespace deepfog
