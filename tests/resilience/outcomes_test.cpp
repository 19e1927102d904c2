#include "resilience/outcomes.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/error.hpp"
#include "core/seed.hpp"
#include "resilience/diagram.hpp"
#include "resilience/flow.hpp"
#include "resilience/sample_hits.hpp"
#include "topology/random_topology.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

TEST(OutcomeRows, AreTheClassesOfTheDiagram) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Topology topology = parse_topology(random_topology_text(seed), "random");
    const std::vector<std::int32_t> rows = outcome_rows(topology);
    const Diagram diagram(topology);
    EXPECT_EQ(outcome_count(rows), diagram.last_classes());
    for (Combination b = 0; b < rows.size(); ++b) {
      EXPECT_EQ(rows[b], diagram.class_of(b)) << seed << " " << b;
      EXPECT_EQ(rows[b] != 0, flows(topology, b)) << seed << " " << b;
    }
  }
}

TEST(OutcomeRows, WithExitsEveryCombinationThatIsAnsweredHasItsOwn) {
  const Topology topology = parse_topology(
      "topology t\nsource s 1x2x2\nnode d conv:1\nstage l on d norm-linear:2\nnode c conv:1 norm-linear:2\n"
      "link s -> d\nlink d -> l\nlink d -> c\nexit l\nexit c\nfails d\n",
      "t");
  EXPECT_EQ(outcome_rows(topology), (std::vector<std::int32_t>{0, 1}));
}

TEST(OutcomeRows, NoneOfNoCombinations) {
  EXPECT_EQ(outcome_count({}), 0);
}

/// Any split into blocks gives the bits of the whole.
TEST(SampleHits, BlocksGoToAnyPlace) {
  RandomStream stream(7);
  for (int round = 0; round < 200; ++round) {
    const auto rows = 1 + static_cast<std::int64_t>(stream.below(4)),
               samples = 1 + static_cast<std::int64_t>(stream.below(70));
    SampleHits whole(rows, samples), placed(rows, samples), appended;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t s = 0; s < samples; ++s) whole.set(row, s, stream.below(2) == 1);
    }
    for (std::int64_t begin = 0; begin < samples;) {
      const std::int64_t size =
          1 + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(samples - begin)));
      SampleHits block(rows, size);
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t s = 0; s < size; ++s) block.set(row, s, whole.get(row, begin + s));
      }
      placed.place(block, begin);
      appended.append(block);
      begin += size;
    }
    EXPECT_TRUE(placed == whole) << round;
    EXPECT_TRUE(appended == whole) << round;
    for (std::int64_t row = 0; row < rows; ++row) {
      std::int64_t right = 0;
      for (std::int64_t s = 0; s < samples; ++s) right += whole.get(row, s) ? 1 : 0;
      EXPECT_EQ(whole.right(row), right);
    }
  }
}

TEST(SampleHits, TheLeastSignificantBitComesFirst) {
  SampleHits bits(2, 10);
  bits.set(1, 0);
  bits.set(1, 9);
  EXPECT_EQ(bits.bytes(), (std::vector<std::uint8_t>{0, 0, 1, 2}));
  EXPECT_TRUE(SampleHits(2, 10, {0, 0, 1, 2}) == bits);
}

TEST(SampleHits, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(SampleHits(0, 8), Failure);
  EXPECT_THROW(SampleHits(1, 0), Failure);
  EXPECT_THROW(SampleHits(INT64_MAX, INT64_MAX, {}), Failure);
  EXPECT_THROW(SampleHits(1, 10, {0}), Failure);
  EXPECT_THROW(SampleHits(1, 10, {0, 4}), Failure);  // sample 10
  EXPECT_NO_THROW(SampleHits(1, 10, {0xff, 3}));
  SampleHits bits(2, 20);
  EXPECT_THROW(bits.place(SampleHits(2, 8), 13), Failure);
  EXPECT_THROW(bits.place(SampleHits(2, 8), -1), Failure);
  EXPECT_THROW(bits.place(SampleHits(1, 8), 0), Failure);
  EXPECT_THROW(bits.place(SampleHits(2, 21), 0), Failure);
}

}  // namespace
}  // namespace deepfog
