#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "../storage/scratch.hpp"
#include "results/verify.hpp"
#include "sample_partition.hpp"

namespace deepfog {
namespace {

using Change = std::function<void(ModelResults&)>;

const std::string model = "/experiments/sample/models/deepfogguard";

std::vector<std::string> violations_of(const std::string& method, const Change& spoil) {
  Results results = test::sample_results_with_partitions();
  test::add_partition(results.experiments[0].models[1], method);
  spoil(results.experiments[0].models[1]);
  return verify(results);
}

struct Case {
  std::string name;
  Change spoil;
  std::string violation;  ///< the first line, behind the model
};

void expect_violations(const std::string& method, const std::vector<Case>& cases) {
  for (const Case& bad : cases) {
    const std::vector<std::string> violations = violations_of(method, bad.spoil);
    EXPECT_EQ(violations.empty() ? "nothing" : violations[0], model + bad.violation) << bad.name;
  }
}

TEST(VerifyPartition, EveryMethodOfTheSampleIsValidInMemoryAndInAFile) {
  for (const char* method : {"robustdice", "lop", "cdc", "replicated", "random"}) {
    Results results = test::sample_results_with_partitions();
    test::add_partition(results.experiments[0].models[1], method);
    EXPECT_EQ(verify(results), std::vector<std::string>{}) << method;
    const test::Scratch scratch;
    write_results(scratch.path("r.h5"), results);
    EXPECT_EQ(verify(read_results(scratch.path("r.h5"))), std::vector<std::string>{}) << method;
  }
}

TEST(VerifyPartition, TheAttributes) {
  expect_violations(
      "robustdice",
      {{"method", [](ModelResults& m) { m.text["method"] = "lob"; },
        "@method: 'lob' (robustdice, lop, cdc, replicated, random)"},
       {"no method", [](ModelResults& m) { m.text.erase("method"); }, "@method: missing"},
       {"no network", [](ModelResults& m) { m.text.erase("network"); }, "@network: missing"},
       {"no devices", [](ModelResults& m) { m.integers.erase("devices"); }, "@devices: missing"},
       {"another score", [](ModelResults& m) { m.text["scores"] = "s1 s4"; }, "@scores: 's4' (s1, s2, s3)"},
       {"negative images", [](ModelResults& m) { m.integers["calibration_images"] = -1; },
        "@calibration_images: -1"},
       {"no bytes", [](ModelResults& m) { m.integers["network_bytes"] = 0; }, "@network_bytes: 0"},
       {"other devices", [](ModelResults& m) { m.integers["devices"] = 4; }, "@devices: 4 (3)"}});
}

TEST(VerifyPartition, TheTables) {
  expect_violations(
      "robustdice",
      {{"neurons of other layers", [](ModelResults& m) { m.partition.neurons.push_back(1); },
        "/partition/neurons: 3 values (2)"},
       {"held of other layers", [](ModelResults& m) { m.partition.held.pop_back(); },
        "/partition/held: 3 values (4)"},
       {"bytes of a spare", [](ModelResults& m) { m.partition.device_bytes.resize(8, 100); },
        "/partition/device_bytes: 8 values (6)"},
       {"no thresholds", [](ModelResults& m) { m.partition.thresholds.clear(); },
        "/partition/thresholds: 0 values (4)"},
       {"an empty layer", [](ModelResults& m) { m.partition.neurons[0] = 0; },
        "/partition/neurons: features.0: 0"},
       {"more neurons than can be multiplied",
        [](ModelResults& m) { m.partition.neurons[0] = std::numeric_limits<std::int64_t>::max(); },
        "/partition/neurons: features.0: 9223372036854775807"},
       {"fewer than none",
        [](ModelResults& m) { m.partition.neurons[0] = std::numeric_limits<std::int64_t>::min(); },
        "/partition/neurons: features.0: -9223372036854775808"},
       {"one neuron too many", [](ModelResults& m) { m.partition.neurons[0] = (std::int64_t{1} << 40) + 1; },
        "/partition/neurons: features.0: 1099511627777"},
       {"too few held", [](ModelResults& m) { m.partition.held[3] = 5; },
        "/partition/held: run 1, classifier.1: 5 (6 to 18)"},
       {"too many held", [](ModelResults& m) { m.partition.held[0] = 13; },
        "/partition/held: run 0, features.0: 13 (4 to 12)"},
       {"negative threshold", [](ModelResults& m) { m.partition.thresholds[1] = -0.5; },
        "/partition/thresholds: run 0, classifier.1: -0.5 (0 or more)"},
       {"threshold NaN", [](ModelResults& m) { m.partition.thresholds[1] = std::nan(""); },
        "/partition/thresholds: run 0, classifier.1: nan (0 or more)"},
       {"a device without weights", [](ModelResults& m) { m.partition.device_bytes[2] = 0; },
        "/partition/device_bytes: run 0, device 2: 0 bytes"},
       {"more than the network", [](ModelResults& m) { m.partition.device_bytes[2] = 1001; },
        "/partition/device_bytes: run 0, device 2: 1001 bytes, more than the network's 1000"}});
}

TEST(VerifyPartition, WhatTheMethodAsksFor) {
  expect_violations("replicated",
                    {{"not all", [](ModelResults& m) { m.partition.held[1] = 17; },
                      "/partition/held: run 0, classifier.1: 17 (18 to 18)"},
                     {"less than all", [](ModelResults& m) { m.partition.device_bytes[0] = 999; },
                      "/partition/device_bytes: run 0, device 0: 999 bytes, but a replica has "
                      "1000"}});
  for (const char* method : {"lop", "cdc", "random"})
    expect_violations(method, {{"a replica", [](ModelResults& m) { m.partition.held[2] = 5; },
                                "/partition/held: run 1, features.0: 5 (4 to 4)"},
                               {"thresholds", [](ModelResults& m) { m.partition.thresholds.assign(4, 1); },
                                "/partition/thresholds: 4 values (0)"}});
  expect_violations("cdc", {{"no spare", [](ModelResults& m) { m.partition.device_bytes.resize(6); },
                             "/partition/device_bytes: 6 values (8)"}});
  EXPECT_EQ(violations_of("cdc", [](ModelResults& m) { m.partition.device_bytes[3] = 1100; }),
            std::vector<std::string>{})
      << "a spare's sums are rounded up";
}

TEST(VerifyPartition, TheFront) {
  expect_violations(
      "robustdice",
      {{"unequal lengths", [](ModelResults& m) { m.partition.front.bytes.pop_back(); },
        "/front/bytes: 3 values (4)"},
       {"failed devices", [](ModelResults& m) { m.partition.front.failed = 4; }, "/front@failed: 4 (0 to 3)"},
       {"threshold", [](ModelResults& m) { m.partition.front.thresholds[1] = -1; },
        "/front/thresholds: point 1: -1 (0 or more)"},
       {"bytes", [](ModelResults& m) { m.partition.front.bytes[2] = 0; }, "/front/bytes: point 2: 0"},
       {"accuracy", [](ModelResults& m) { m.partition.front.accuracy[0] = 90; },
        "/front/accuracy: point 0: 90 (0 to 1)"},
       {"mark", [](ModelResults& m) { m.partition.front.on_front[0] = 2; },
        "/front/on_front: point 0: 2 (1)"},
       {"beaten by equal bytes", [](ModelResults& m) { m.partition.front.on_front[2] = 1; },
        "/front/on_front: point 2: 1 (0)"},
       {"beaten by fewer bytes",
        [](ModelResults& m) {
          m.partition.front.accuracy[0] = 0.8;  // as good as point 1 with fewer
        },
        "/front/on_front: point 0: 1 (0)"},
       {"left out", [](ModelResults& m) { m.partition.front.on_front[3] = 0; },
        "/front/on_front: point 3: 0 (1)"},
       {"never measured", [](ModelResults& m) { m.partition.front.accuracy[3] = std::nan(""); },
        "/front/on_front: point 3: 1 (0)"}});
}

TEST(VerifyPartition, EqualPointsAreBothOnTheFront) {
  EXPECT_EQ(violations_of("robustdice",
                          [](ModelResults& m) {
                            m.partition.front.accuracy[2] = 0.8;
                            m.partition.front.on_front[2] = 1;
                            m.partition.front.thresholds[2] = std::nan("");
                          }),
            std::vector<std::string>{});
}

TEST(VerifyPartition, RunsNotDoneAreLeftOut) {
  Results results = test::sample_results_with_partitions();
  results.text["status"] = "running";
  ModelResults& unfinished = results.experiments[0].models[1];
  unfinished.done[1] = 0;
  unfinished.partition.held[2] = unfinished.partition.device_bytes[3] = 0;
  unfinished.partition.thresholds[2] = std::nan("");
  EXPECT_EQ(verify(results), std::vector<std::string>{});
}

}  // namespace
}  // namespace deepfog
