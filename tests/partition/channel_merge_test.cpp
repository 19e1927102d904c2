#include "partition/channel_merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/seed.hpp"

namespace deepfog {
namespace {

/// Indices 0 .. size - 1, each included with this probability.
Neurons some_of(std::int64_t size, double chance, RandomStream& stream) {
  Neurons some;
  for (std::int64_t id = 0; id < size; ++id) {
    if (stream.uniform() < chance) some.push_back(id);
  }
  return some;
}

TEST(ChannelMerge, PutsRunsSideBySide) {
  const Neurons first{0, 1}, second{2, 3, 4};
  const ChannelMerge plan({&first, &second}, 5, false);
  const std::vector<float> one{1, 2, 11, 12}, other{3, 4, 5, 13, 14, 15};
  std::vector<float> output(10, -1);
  plan.join({one.data(), other.data()}, 2, output.data());
  EXPECT_EQ(output, (std::vector<float>{1, 2, 3, 4, 5, 11, 12, 13, 14, 15}));
  EXPECT_TRUE(plan.complete());
}

TEST(ChannelMerge, TakesTheFirstInputThatIsThereAndZeroWhereNobodyIs) {
  const Neurons first{1, 3}, second{0, 3, 4};
  const std::vector<float> one{10, 30}, other{1, 31, 41};
  std::vector<float> output(5, -1);
  ChannelMerge({&first, &second}, 5, false).join({one.data(), other.data()}, 1, output.data());
  EXPECT_EQ(output, (std::vector<float>{1, 10, 0, 30, 41}));
  ChannelMerge({nullptr, &second}, 5, false).join({nullptr, other.data()}, 1, output.data());
  EXPECT_EQ(output, (std::vector<float>{1, 0, 0, 31, 41}));
  const ChannelMerge nobody({nullptr, nullptr}, 5, false);
  nobody.join({nullptr, nullptr}, 1, output.data());
  EXPECT_EQ(output, std::vector<float>(5, 0));
  EXPECT_TRUE(nobody.live().empty());
  EXPECT_FALSE(nobody.complete());
}

TEST(ChannelMerge, IsThePlainLoop) {
  RandomStream stream(4);
  for (int round = 0; round < 300; ++round) {
    const auto channels = std::int64_t(1 + stream.below(20)), pixels = std::int64_t(1 + stream.below(4));
    const bool packed = stream.below(2) == 0;
    std::vector<Neurons> ids(1 + stream.below(4));
    std::vector<std::vector<float>> values;
    std::vector<const Neurons*> there;
    std::vector<const float*> inputs;
    for (Neurons& own : ids) {
      own = some_of(channels, 0.2 + 0.8 * stream.uniform(), stream);
      const bool lost = stream.below(3) == 0;
      values.emplace_back(own.size() * std::size_t(pixels) + 1);
      for (float& value : values.back()) value = float(stream.below(1000) + 1);
      there.push_back(lost ? nullptr : &own);
      inputs.push_back(lost ? nullptr : values.back().data());
    }
    const ChannelMerge plan(there, channels, packed);
    const auto source_of = [&](std::int64_t channel) {
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (there[i] != nullptr && std::binary_search(ids[i].begin(), ids[i].end(), channel)) return int(i);
      }
      return -1;
    };
    std::vector<float> expected;
    Neurons live;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      if (source_of(channel) >= 0) live.push_back(channel);
    }
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        const int input = source_of(channel);
        if (input < 0 && !packed) expected.push_back(0);
        if (input < 0) continue;
        const Neurons& own = ids[std::size_t(input)];
        const auto place = std::lower_bound(own.begin(), own.end(), channel) - own.begin();
        expected.push_back(values[std::size_t(input)][std::size_t(pixel) * own.size() + std::size_t(place)]);
      }
    }
    std::vector<float> output(expected.size(), -1);
    plan.join(inputs, pixels, output.data());
    ASSERT_EQ(output, expected) << round;
    ASSERT_EQ(plan.live(), live) << round;
    ASSERT_EQ(plan.complete(), std::int64_t(live.size()) == channels);
  }
}

}  // namespace
}  // namespace deepfog
