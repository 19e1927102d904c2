#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "core/error.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

using test::message_of;

const char kText[] =
    "topology t   # link in -> a skip\nsource in 4\nnode a relu:4\nnode b relu:4\nnode c linear:3\n"
    "link in -> a\nlink a->b\nlink b -> c\nlink in -> b skip weight=0.5\nlink a -> c   weight=2 skip   # the last\nfails b a";

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

}  // namespace
}  // namespace deepfog
