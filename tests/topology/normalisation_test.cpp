#include "topology/normalisation.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace deepfog {
namespace {

const Normalisation two{{1, -2}, {2, 0.5F}};

TEST(Normalisation, TreatsEveryRowAlike) {
  SampleSet set{{3, -2, -1, -1}, {0, 1}, 2};
  two.apply(set);
  EXPECT_EQ(set.values, (std::vector<float>{1, 0, -1, 2}));
}

TEST(Normalisation, LeavesAloneWhatIsNotThere) {
  SampleSet left_in_the_file{{}, {0, 1}, 2};
  two.apply(left_in_the_file);
  EXPECT_TRUE(left_in_the_file.values.empty());
  SampleSet set{{3, -2}, {0}, 2};
  Normalisation{}.apply(set);
  EXPECT_EQ(set.values, (std::vector<float>{3, -2}));
}

TEST(Normalisation, OtherFeaturesAreRefused) {
  SampleSet three{{1, 2, 3}, {0}, 3}, torn{{1, 2, 3}, {0}, 2};
  EXPECT_THROW(two.apply(three), std::invalid_argument);
  EXPECT_THROW(two.apply(torn), std::invalid_argument);
  SampleSet fits{{1, 2}, {0}, 2};
  EXPECT_THROW((Normalisation{{1, 2}, {1}}.apply(fits)), std::invalid_argument);
}

TEST(Normalisation, FaultsAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(fault_of({}), "");
  EXPECT_EQ(fault_of(two), "");
  EXPECT_EQ(fault_of({{1, 2}, {1}}), "2 centres, 1 deviations");
  EXPECT_EQ(fault_of({{1, nan}, {1, 1}}), "centre of feature 1 is nan");
  EXPECT_EQ(fault_of({{1}, {inf}}), "deviation of feature 0 is inf");
  EXPECT_EQ(fault_of({{1}, {0}}), "deviation of feature 0 is 0.000000");
  EXPECT_EQ(fault_of({{1}, {-1}}), "deviation of feature 0 is -1.000000");
}

}  // namespace
}  // namespace deepfog
