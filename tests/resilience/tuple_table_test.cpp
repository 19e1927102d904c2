#include "resilience/tuple_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/seed.hpp"

namespace deepfog {
namespace {

TEST(TupleTable, NumbersTuplesInTheOrderTheyAreFirstSeen) {
  RandomStream stream(1);
  for (const std::size_t length : {1u, 2u, 5u}) {
    TupleTable table(length);
    std::map<std::vector<std::int32_t>, std::int32_t> known;
    for (int i = 0; i < 50000; ++i) {
      std::vector<std::int32_t> tuple(length);
      for (std::int32_t& value : tuple)
        value = static_cast<std::int32_t>(stream.below(length == 1 ? 5000 : 60));
      const auto [entry, is_new] = known.emplace(tuple, static_cast<std::int32_t>(known.size()));
      ASSERT_EQ(table.number(tuple.data()), entry->second);
      ASSERT_EQ(table.size(), static_cast<std::int64_t>(known.size()));
      ASSERT_TRUE(std::equal(tuple.begin(), tuple.end(), table.tuple(entry->second))) << is_new;
    }
    EXPECT_GT(known.size(), 3000u);
    EXPECT_GE(table.bytes(), static_cast<std::int64_t>(4 * length * known.size()));
    const auto all = table.release();
    ASSERT_EQ(all.size(), known.size() * length);
    for (const auto& [tuple, number] : known) {
      ASSERT_TRUE(std::equal(tuple.begin(), tuple.end(), all.begin() + number * static_cast<int>(length)));
    }
  }
}

TEST(TupleTable, OfLengthNoneHoldsTheOneEmptyTuple) {
  TupleTable table(0);
  EXPECT_EQ(table.number(nullptr), 0);
  EXPECT_EQ(table.number(nullptr), 0);
  EXPECT_EQ(table.size(), 1);
}

}  // namespace
}  // namespace deepfog
