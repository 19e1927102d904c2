// Numbers from the papers and from the authors' logs that need no trained network.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "resilience/combination.hpp"
#include "resilience/flow.hpp"

namespace deepfog {
namespace {

// deepFogGuard, Table 1, and the poster's Low; in the order of the topologies' `fails` lines.
const std::map<std::string, Reliability> kHealth = {
    {"normal", {.99, .98, .96}}, {"poor", {.98, .96, .92}}, {"hazardous", {.90, .85, .80}}};
const std::map<std::string, Reliability> kCamera = {{"normal", {.995, .99, .98, .97, .95, .95, .95, .95}},
                                                    {"poor", {.99, .98, .94, .93, .90, .90, .87, .87}},
                                                    {"hazardous", {.90, .90, .80, .80, .70, .60, .70, .66}}};
const Reliability kPosterLow = {.8, .8, .75, .7, .65, .65, .6, .6};

Topology shipped(const std::string& name) {
  return load_topology(std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/" + name + ".topology");
}

struct NoFlow {
  std::string topology;
  int combinations;
  double normal, poor, hazardous;
};

class NoFlowTable : public testing::TestWithParam<NoFlow> {};

TEST_P(NoFlowTable, HoldsToSixDigits) {
  const NoFlow& row = GetParam();
  const Topology topology = shipped(row.topology);
  std::vector<double> blocked;
  int combinations = 0;
  for (const std::uint8_t flow : flow_table(topology)) {
    blocked.push_back(flow != 0 ? 0.0 : 1.0);
    combinations += flow != 0 ? 0 : 1;
  }
  EXPECT_EQ(combinations, row.combinations);
  const auto& settings = topology.failing() == 3 ? kHealth : kCamera;
  EXPECT_NEAR(average(blocked, settings.at("normal")), row.normal, 5e-7);
  EXPECT_NEAR(average(blocked, settings.at("poor")), row.poor, 5e-7);
  EXPECT_NEAR(average(blocked, settings.at("hazardous")), row.hazardous, 5e-7);
  EXPECT_EQ(average(blocked, Reliability(static_cast<std::size_t>(topology.failing()), 1.0)), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Oracle, NoFlowTable,
    testing::Values(NoFlow{"camera-vanilla", 219, .016997, .040494, .272913},
                    NoFlow{"camera-deepfogguard", 99, .000077, .000584, .030229},
                    NoFlow{"health-vanilla", 7, .068608, .134464, .388000},
                    NoFlow{"health-deepfogguard", 3, .000992, .003936, .042000},
                    NoFlow{"health-deepfogguard-trainable-link", 3, .000992, .003936, .042000},
                    NoFlow{"health-deepfogguard-without-iot-f2", 5, .040192, .080736, .212000}),
    [](const auto& row) {
      std::string name = row.param.topology;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

TEST(Oracle, SkipsOverTwoNodesLetMoreThrough) {
  for (const std::string network : {"health", "camera"}) {
    const auto one = flow_table(shipped(network + "-deepfogguard"));
    const auto two = flow_table(shipped(network + "-deepfogguard-skip-two"));
    std::size_t gained = 0;
    for (std::size_t c = 0; c < one.size(); ++c) {
      EXPECT_LE(one[c], two[c]);
      gained += two[c] - one[c];
    }
    EXPECT_GT(gained, 0u);
  }
}

/// Number of live stages over all combinations: what the plain loop computes.
std::size_t evaluations(const std::string& name) {
  const Topology topology = shipped(name);
  std::size_t count = 0;
  for (Combination c = 0; c <= all_alive(topology.failing()); ++c) {
    for (const char live : live_stages(topology, c)) count += live != 0 ? 1 : 0;
  }
  return count;
}

TEST(Oracle, NodeEvaluationsCombinationByCombination) {
  EXPECT_EQ(evaluations("camera-deepfogguard"), 1062u);
  EXPECT_EQ(evaluations("camera-vanilla"), 836u);
}

TEST(Oracle, HealthVanillaIsAccuracyOrGuess) {
  const double accuracy = .949, guess = 1.0 / 12;
  std::vector<double> table;
  for (const std::uint8_t flow : flow_table(shipped("health-vanilla")))
    table.push_back(flow != 0 ? accuracy : guess);
  for (const auto& [setting, reliability] : kHealth) {
    const double blocked = 1 - reliability[0] * reliability[1] * reliability[2];
    EXPECT_NEAR(average(table, reliability), (1 - blocked) * accuracy + blocked * guess, 1e-12) << setting;
  }
}

/// The authors' table, one column per model; empty if the file is not available.
std::map<std::string, std::vector<double>> poster_table() {
  const char* folder = std::getenv("DEEPFOG_DATA_DIR");
  const std::string name = "/poster_accuracies_per_combination.csv";
  std::ifstream file;
  if (folder != nullptr) file.open(folder + name);
  if (!file.is_open()) file.open(DEEPFOG_SOURCE_DIR "/../shared/data" + name);
  std::map<std::string, std::vector<double>> table;
  std::string line, cell;
  std::vector<std::string> columns;
  std::getline(file, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  for (std::istringstream row(line); std::getline(row, cell, ',');) columns.push_back(cell);
  while (std::getline(file, line)) {
    std::istringstream row(line);
    Combination combination = 0;
    for (std::size_t column = 0; std::getline(row, cell, ',') && column < columns.size(); ++column) {
      auto& values = table[columns[column]];
      if (column == 1) {
        for (std::size_t bit = 0; bit < cell.size(); ++bit)
          combination |= Combination{cell[bit] == '1'} << bit;
      } else if (column > 1) {
        if (values.empty()) values.resize(256, std::nan(""));
        values.at(combination) = std::stod(cell);
      }
    }
  }
  return table;
}

TEST(Oracle, EquationThreeOnTheAuthorsOwnAccuracies) {
  const auto table = poster_table();
  if (table.empty()) {
    GTEST_SKIP()
        << "poster_accuracies_per_combination.csv is neither in DEEPFOG_DATA_DIR nor in ../shared/data";
  }
  const Reliability high = kCamera.at("poor"), medium = kCamera.at("hazardous");
  EXPECT_NEAR(average(table.at("poster_baseline_holdout"), medium), .8135, 5e-5);
  EXPECT_NEAR(average(table.at("poster_baseline_holdout"), kPosterLow), .7200, 5e-5);
  EXPECT_NEAR(average(table.at("poster_baseline_val"), medium), .8097, 5e-5);
  EXPECT_NEAR(average(table.at("poster_baseline_val"), kPosterLow), .7159, 5e-5);
  EXPECT_NEAR(average(table.at("poster_dropout_forHigh_holdout"), high), .9679, 5e-5);
  EXPECT_NEAR(average(table.at("poster_dropout_forMedium_holdout"), medium), .8986, 5e-5);
  EXPECT_NEAR(average(table.at("poster_dropout_forLow_holdout"), kPosterLow), .8546, 5e-5);
}

}  // namespace
}  // namespace deepfog
