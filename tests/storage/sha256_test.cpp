#include "storage/sha256.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

// The examples of FIPS 180-4 (NIST's published answers).
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSumOfTheWhole) {
  const std::string text = "the quick brown fox jumps over the lazy dog, and over sixty-four bytes too";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 sum;
    sum.add(text.data(), cut);
    sum.add(text.data() + cut, text.size() - cut);
    EXPECT_EQ(sum.hex(), sha256(text)) << cut;
  }
}

}  // namespace
}  // namespace deepfog
