#include "evaluation/prediction.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

TEST(Predict, TheFirstOfTheLargestAndCloseWhenNearlyEqual) {
  const float clear[] = {0.1F, 3, 2}, tie[] = {1, 2, 2}, near[] = {1, 1.00001F, -5}, zero[] = {0, 0};
  EXPECT_EQ(predict(clear, 3).label, 1);
  EXPECT_FALSE(predict(clear, 3).close);
  EXPECT_EQ(predict(tie, 3).label, 1);
  EXPECT_TRUE(predict(tie, 3).close);
  EXPECT_EQ(predict(near, 3).label, 1);
  EXPECT_TRUE(predict(near, 3).close);
  EXPECT_TRUE(predict(zero, 2).close);
  EXPECT_FALSE(predict(clear, 1).close);
}

}  // namespace
}  // namespace deepfog
