#include "topology/weights_codec.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace deepfog {
namespace {

const Weights kTwo{{"n", "w", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"m", "b", {1}, {-7}}};

TEST(WeightsCodec, EveryValueComesBack) {
  Encoder encoder;
  put_weights(encoder, kTwo);
  const std::vector<char> bytes = encoder.take();
  Decoder decoder(bytes, "x");
  const Weights back = get_weights(decoder);
  decoder.finish();
  ASSERT_EQ(back.size(), 2U);
  for (std::size_t t = 0; t < 2; ++t)
    EXPECT_EQ(std::tie(back[t].node, back[t].name, back[t].shape, back[t].values),
              std::tie(kTwo[t].node, kTwo[t].name, kTwo[t].shape, kTwo[t].values));
}

TEST(WeightsCodec, TellsSizesThatDoNotFit) {
  Encoder encoder;
  encoder.put(std::uint64_t{1} << 60);
  const std::vector<char> bytes = encoder.take();
  Decoder decoder(bytes, "x");
  EXPECT_THROW(get_weights(decoder), Failure);
}

TEST(WeightsCodec, RefusesTensorsWhoseShapeAndValuesDiffer) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{7}, {2, 2}, {-2, -3}, {0}, {std::int64_t{1} << 62, 4}}) {
    Encoder encoder;
    put_weights(encoder, {{"n", "t", shape, {1, 2, 3, 4, 5, 6}}});
    const std::vector<char> bytes = encoder.take();
    Decoder decoder(bytes, "x");
    EXPECT_THROW(get_weights(decoder), Failure);
  }
}

TEST(WeightsCodec, RefusesTheWeightsOfAnotherNetwork) {
  Encoder encoder;
  put_weights(encoder, kTwo);
  const std::vector<char> bytes = encoder.take();
  Weights other = kTwo;
  other[1].name = "c";
  Decoder same(bytes, "x"), different(bytes, "x");
  EXPECT_EQ(get_weights_like(same, kTwo).size(), 2U);
  EXPECT_THROW(get_weights_like(different, other), Failure);
}

}  // namespace
}  // namespace deepfog
