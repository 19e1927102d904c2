#include "core/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace deepfog {
namespace {

TEST(Statistics, MeanAndSampleStandardDeviation) {
  EXPECT_DOUBLE_EQ(mean({2, 4, 4, 4, 5, 5, 7, 9}), 5);
  EXPECT_DOUBLE_EQ(standard_deviation({2, 4, 4, 4, 5, 5, 7, 9}), std::sqrt(32.0 / 7.0));
  EXPECT_TRUE(std::isnan(mean({})));
  EXPECT_EQ(standard_deviation({}), 0);
  EXPECT_EQ(standard_deviation({3}), 0);
}

TEST(Statistics, DeviationOfCloseValuesFarFromZeroIsNotLost) {
  EXPECT_NEAR(standard_deviation({1e9 + 1, 1e9 + 2, 1e9 + 3}), 1.0, 1e-9);
}

TEST(Statistics, ConfidenceIntervalOfTenRuns) {
  // s = sqrt(sum of squares / 9) = 3.0276504, t(9) = 2.2621572
  const std::vector<double> runs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_NEAR(confidence_95(runs), 2.2621572 * 3.0276504 / std::sqrt(10.0), 1e-6);
  EXPECT_NEAR(confidence_95({1, 3}), 12.7062047 * std::sqrt(2.0) / std::sqrt(2.0), 1e-6);
  EXPECT_TRUE(std::isnan(confidence_95({1})));
  EXPECT_TRUE(std::isnan(confidence_95({})));
  EXPECT_EQ(confidence_95({4, 4, 4}), 0);
}

// The results of numpy.quantile(values, share) in numpy 1.24.2.
TEST(Percentile, AgreesWithNumpy) {
  const std::vector<double> seven = {3.5, -1.25, 8, 0.1, 2.2, 2.2, 100};
  const std::vector<double> far = {1e9 + 1, 1e9 + 2, 1e9 + 4, .1, .2, .3};
  const struct {
    std::vector<double> values;
    double share, expected;
  } table[] = {{seven, 0, -1.25},
               {seven, 0.05, -0.845},
               {seven, 0.25, 1.1500000000000001},
               {seven, 1.0 / 3, 2.2},
               {seven, 0.5, 2.2},
               {seven, 0.75, 5.75},
               {seven, 0.9, 44.80000000000003},
               {seven, 0.95, 72.39999999999993},
               {seven, 0.99, 94.47999999999996},
               {seven, 1, 100},
               {{5, 1, 3, 9}, 0.1, 1.6},
               {{5, 1, 3, 9}, 0.62, 4.72},
               {{5, 1, 3, 9}, 0.9, 7.800000000000001},
               {{5, 1, 3, 9}, 0.999, 8.988},
               {far, 0.1, 0.15000000000000002},
               {far, 0.5, 500000000.65},
               {far, 0.95, 1000000003.5}};
  for (const auto& row : table) {
    EXPECT_DOUBLE_EQ(percentile(row.values, row.share), row.expected) << row.share;
  }
}

TEST(Percentile, FewValuesAndNone) {
  for (const double share : {0.0, 0.3, 1.0}) {
    EXPECT_EQ(percentile({4}, share), 4);
    EXPECT_TRUE(std::isnan(percentile({}, share)));
    EXPECT_TRUE(std::isnan(percentile({1, std::nan(""), 2}, share)));
  }
  EXPECT_DOUBLE_EQ(percentile({7, 3}, 0.25), 4);
  for (const double share : {-0.01, 1.01, std::nan("")}) {
    EXPECT_THROW(percentile({1, 2}, share), std::invalid_argument);
  }
}

TEST(StudentT, AgreesWithTheTextbook) {
  const std::pair<std::size_t, double> table[] = {
      {1, 12.7062},   {2, 4.3027},     {3, 3.1824},  {4, 2.7764},   {5, 2.5706},   {6, 2.4469},
      {7, 2.3646},    {8, 2.3060},     {9, 2.2622},  {10, 2.2281},  {12, 2.1788},  {15, 2.1314},
      {19, 2.0930},   {20, 2.0860},    {25, 2.0595}, {29, 2.0452},  {30, 2.0423},  {40, 2.0211},
      {60, 2.0003},   {80, 1.9901},    {99, 1.9842}, {100, 1.9840}, {120, 1.9799}, {200, 1.9719},
      {1000, 1.9623}, {100000, 1.9600}};
  for (const auto& [degrees, quantile] : table)
    EXPECT_NEAR(student_t_975(degrees), quantile, 5.1e-5) << degrees;
}

TEST(StudentT, AgreesWithTheClosedForms) {
  EXPECT_NEAR(student_t_975(1), std::tan(0.475 * std::acos(-1.0)), 1e-10);
  EXPECT_NEAR(student_t_975(2), 0.95 * std::sqrt(2.0 / (4 * 0.975 * 0.025)), 1e-10);
}

TEST(StudentT, FallsWithoutAStepWhereTheFormulaChanges) {
  for (std::size_t degrees = 2; degrees < 300; ++degrees) {
    EXPECT_LT(student_t_975(degrees), student_t_975(degrees - 1)) << degrees;
  }
  const double before = student_t_975(98) - student_t_975(99);
  EXPECT_NEAR(student_t_975(99) - student_t_975(100), before, 0.05 * before);
  EXPECT_NEAR(student_t_975(100000000), 1.959963984540054, 1e-7);
}

TEST(StudentT, RefusesNoDegreesOfFreedom) {
  EXPECT_THROW(student_t_975(0), std::invalid_argument);
}

}  // namespace
}  // namespace deepfog
