#include "topology/stage_order.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

using Edges = std::vector<std::pair<int, int>>;
using Order = std::vector<int>;

TEST(StageOrder, KeepsTheOrderWhereNothingForbidsIt) {
  EXPECT_EQ(stage_order(4, {}), (Order{0, 1, 2, 3}));
  EXPECT_EQ(stage_order(4, Edges{{0, 1}, {1, 3}, {2, 3}}), (Order{0, 1, 2, 3}));
  EXPECT_EQ(stage_order(4, Edges{{3, 0}}), (Order{1, 2, 3, 0}));
  EXPECT_EQ(stage_order(0, {}), Order{});
}

TEST(FindCycle, NamesOneFromItsSmallestNumberInTheDirectionOfItsLinks) {
  EXPECT_EQ(find_cycle(3, Edges{{0, 1}, {1, 2}, {0, 2}}), Order{});
  EXPECT_EQ(find_cycle(3, Edges{{2, 1}, {1, 0}, {0, 2}}), (Order{0, 2, 1}));
  // Vertices behind the cycle or before it are not part of it.
  EXPECT_EQ(find_cycle(6, Edges{{0, 2}, {2, 4}, {4, 3}, {3, 2}, {3, 1}, {1, 5}}), (Order{2, 4, 3}));
}

TEST(FindCycle, CopesWithALongChain) {
  Edges chain;
  for (int i = 0; i < 50000; ++i) chain.emplace_back(i + 1, i);
  EXPECT_TRUE(find_cycle(50001, chain).empty());
  chain.emplace_back(0, 50000);
  EXPECT_EQ(find_cycle(50001, chain).size(), 50001u);
}

}  // namespace
}  // namespace deepfog
