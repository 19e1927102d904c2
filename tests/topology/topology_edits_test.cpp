#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "core/error.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

using test::message_of;

const char kText[] =
    "topology t   # link in -> a skip\nsource in 4\nnode a relu:4\nnode b relu:4\nnode c linear:3\n"
    "link in -> a\nlink a->b\nlink b -> c\nlink in -> b skip weight=0.5\nlink a -> c   weight=2 skip   # the "
    "last\nfails b a";

TEST(WithoutSkips, TakesTheirLinesOut) {
  const std::string one = without_skips(kText, {"in->b"}, "t");
  EXPECT_EQ(one.find("link in -> b"), std::string::npos);
  EXPECT_NE(one.find("link a -> c   weight=2 skip"), std::string::npos);
  EXPECT_EQ(parse_topology(one, "t").hyperconnections().size(), 4U);
  const Topology none = parse_topology(without_skips(kText, {"a->c", "in->b"}, "t"), "t");
  EXPECT_EQ(none.hyperconnections().size(), 3U);
  EXPECT_EQ(none.failing_names(), parse_topology(kText, "t").failing_names());
  EXPECT_EQ(without_skips(kText, {}, "t"), kText);
}

TEST(WithoutSkips, RefusesWhatIsNoSkip) {
  EXPECT_EQ(message_of<UserError>([] { without_skips(kText, {"a->b"}, "c.ini:7"); }),
            "c.ini:7: no skip hyperconnection \"a->b\" (in->b, a->c)");
  EXPECT_THROW(without_skips(kText, {"in->b", "in->b"}, "t"), UserError);
  EXPECT_EQ(message_of<UserError>([] { without_skips("topology t\n", {"a->b"}, "t"); }),
            "t: no skip hyperconnection \"a->b\" (the topology has none (left))");
}

/// Inputs of b: in (1) and a (.8); of c: b (.5), a (.8) and b's second stage (.5); of a: a single link.
const char kWeighed[] =
    "topology t\nsource in 4\nnode a relu:4\nnode b relu:4\nstage b2 on b relu:2\nnode c linear:3\n"
    "let OPTIONS skip expand=pad\nlink in -> a\nlink a->b\nlink in -> b skip   # the sensor\n"
    "link b -> b2\nlink b -> c\nlink a -> c $OPTIONS\t\r\nlink b2 -> c\nfails b a";

TEST(ReliabilityWeights, AreRelativeAndAddUpToTheNumberOfInputs) {
  const std::string text = with_reliability_weights(kWeighed, {{"a", 0.8}, {"b", 0.5}}, "t");
  EXPECT_NE(text.find("link in -> b skip weight="), std::string::npos) << text;
  EXPECT_NE(text.find("   # the sensor\n"), std::string::npos) << text;
  EXPECT_NE(text.find("link in -> a\n"), std::string::npos) << "a single input keeps its scale";
  const Topology topology = parse_topology(text, "t");
  const auto& links = topology.hyperconnections();
  const std::vector<double> expected{
      1, 2 * 0.8 / 1.8, 2 * 1 / 1.8, 1, 3 * 0.5 / 1.8, 3 * 0.8 / 1.8, 3 * 0.5 / 1.8};
  ASSERT_EQ(links.size(), expected.size());
  for (std::size_t i = 0; i < links.size(); ++i) EXPECT_DOUBLE_EQ(links[i].weight, expected[i]) << i;
  EXPECT_TRUE(links[5].skip);
  EXPECT_EQ(with_reliability_weights(kWeighed, {}, "t").find("weight=1\n") != std::string::npos, true)
      << "equal reliabilities, equal weights";
}

TEST(ReliabilityWeights, RefusesAWeightThatIsThereAndAReliabilityOfNothing) {
  EXPECT_EQ(message_of<UserError>([] { with_reliability_weights(kText, {}, "c.ini:7"); }),
            "c.ini:7: link in->b has a weight already (links without one)");
  EXPECT_EQ(message_of<UserError>([] {
              with_reliability_weights(kWeighed, {{"a", 0}, {"b", 1}}, "c.ini:7");
            }),
            "c.ini:7: link a->b begins at a node of reliability 0 (above 0)");
}

}  // namespace
}  // namespace deepfog
