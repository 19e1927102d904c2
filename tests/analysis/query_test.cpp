#include "analysis/query.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

using test::message_of;
const std::vector<std::string> kNodes{"near", "middle", "far"};

TEST(Query, AvailabilityIsAChanceOrTwoTimes) {
  EXPECT_DOUBLE_EQ(parse_availability("0.97", "x"), 0.97);
  EXPECT_DOUBLE_EQ(parse_availability("1", "x"), 1);
  EXPECT_DOUBLE_EQ(parse_availability("990/10", "x"), 0.99);
  EXPECT_DOUBLE_EQ(parse_availability("1d/60m", "x"), 24.0 / 25);
  EXPECT_DOUBLE_EQ(parse_availability("1y/8766h", "x"), 0.5);
  EXPECT_DOUBLE_EQ(parse_availability("30s/30s", "x"), 0.5);
  for (const char* bad :
       {"", "1.1", "-.1", "x", ".9h", "1/", "/1", "0/0", "-1/2", "1w/2h", "inf/1", "nan", "1/2/3"}) {
    EXPECT_EQ(message_of<UserError>([&] { parse_availability(bad, "--here"); }),
              "--here: \"" + std::string(bad) + "\" (0 to 1, or MTTF/MTTR as 1000h/8h)");
  }
}

TEST(Query, ReliabilityOfEveryNodeInVectorOrder) {
  EXPECT_EQ(parse_reliability("far:.7 near:.9 middle:.8", kNodes, "x"), (Reliability{0.9, 0.8, 0.7}));
  EXPECT_EQ(parse_reliability("*:.5 far:1", kNodes, "x"), (Reliability{0.5, 0.5, 1}));
  const std::pair<const char*, const char*> bad[] = {{"near:.9", "says nothing of middle"},
                                                     {"near .9", "\"near\""},
                                                     {"*:.9 *:.8", "\"*\" stands twice"},
                                                     {"near:.9 near:.9 *:1", "stands twice"},
                                                     {"nera:.9 *:1", "did you mean near?"},
                                                     {"zzzzzz:.9", "(near, middle, far)"},
                                                     {"near:2 *:1", "\"2\""},
                                                     {"", "says nothing of near"}};
  for (const auto& [text, words] : bad) {
    const std::string message =
        message_of<UserError>([&, text = text] { parse_reliability(text, kNodes, "--r"); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_EQ(message.find("--r: "), 0U) << message;
  }
}

TEST(Query, GroupsHaveANameMembersAndAChance) {
  const FailureGroup rack = parse_failure_group("rack1 near,far:99h/1h", kNodes, "x");
  EXPECT_EQ(rack.name, "rack1");
  EXPECT_EQ(rack.members, 0b101U);
  EXPECT_DOUBLE_EQ(rack.availability, 0.99);
  EXPECT_EQ(parse_failure_group("middle:.5", kNodes, "x").name, "middle");
  for (const char* bad : {"", "rack", "rack near", "rack near,nowhere:.9", "a b near:.9", ":.9",
                          "rack near:7", "rack near,:.9"})
    EXPECT_EQ(message_of<UserError>([&] { parse_failure_group(bad, kNodes, "--group"); }).find("--group: "),
              0U)
        << bad;
}

TEST(Query, FailedNodesByName) {
  EXPECT_EQ(failed_names(0b111, kNodes), "none");
  EXPECT_EQ(failed_names(0b010, kNodes), "near + far");
}

}  // namespace
}  // namespace deepfog
