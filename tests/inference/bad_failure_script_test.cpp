#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "inference/failure_script.hpp"

namespace deepfog {
namespace {

const char kTopology[] = R"(topology small
source iot 4
node e1 relu:3
node f2 relu:3
node two
stage a on two relu:3
stage b on two relu:3
node cloud linear:2
link iot -> e1
link iot -> f2 skip
link e1 -> f2
link f2 -> a
link a -> b
link b -> cloud
)";

std::string message_of(const std::string& script) {
  const Topology topology = parse_topology(kTopology, "t");
  try {
    FailureScript::parse(script, "s", topology);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

struct Row {
  std::string script, message;
};

const std::string kWords = " (seed, silence, crash, hang, slow, lose, delay)";
const std::string kNodes = " (nodes: e1, f2, two, cloud)";
const std::string kLinks = " (links: e1->f2, f2->a, b->cloud)";
const std::string kSilence = " (silence NODE rounds N..M)";
const std::string kCrash = " (crash NODE round N)";
const std::string kHang = " (hang NODE round N for TIME)";
const std::string kSlow = " (slow NODE rounds N..M by TIME)";
const std::string kLose = " (lose FROM->TO rounds N..M [with PROBABILITY])";
const std::string kDelay = " (delay FROM->TO rounds N..M by TIME [with PROBABILITY])";
const std::string kRange = " (N, N..M or N.., counted from 0, at most 1000000000000)";
const std::string kRound = " (one whole number, counted from 0, at most 1000000000000)";
const std::string kTime = " (a number with us, ms or s, such as 200us, 5ms or 1.5s)";
const std::string kSeed = " (a whole number, 0 to 18446744073709551615)";

const Row kRows[] = {
    // statements
    {"crsh e1 round 1", "s:1: unknown statement \"crsh\", did you mean \"crash\"?" + kWords},
    {"\n# x\nkill e1 round 1", "s:3: unknown statement \"kill\"" + kWords},
    {"Lose e1->f2 rounds 1", "s:1: unknown statement \"Lose\", did you mean \"lose\"?" + kWords},
    {"\x1b[2J\xff", "s:1: unknown statement \"?[2J?\"" + kWords},
    {std::string("seed 1\nse\0ed", 12), "s:2: a zero byte (a failure script is plain text)"},
    // seed
    {"seed", "s:1: malformed seed statement (seed NUMBER)"},
    {"seed 1 2", "s:1: malformed seed statement (seed NUMBER)"},
    {"seed -1", "s:1: seed \"-1\"" + kSeed},
    {"seed 18446744073709551616", "s:1: seed \"18446744073709551616\"" + kSeed},
    {"seed 7x", "s:1: seed \"7x\"" + kSeed},
    {"seed 7\nseed 7", "s:2: a second seed statement (one a script; the first is on line 1)"},
    // targets
    {"crash", "s:1: malformed crash statement" + kCrash},
    {"lose -> f2 rounds 1", "s:1: malformed lose statement" + kLose},
    {"lose e1 ->", "s:1: malformed lose statement" + kLose},
    {"crash e1->f2 round 1", "s:1: crash takes a node, no link" + kCrash},
    {"lose e1 rounds 1", "s:1: lose takes a link FROM->TO" + kLose},
    {"crash clod round 1", "s:1: no node \"clod\", did you mean \"cloud\"?" + kNodes},
    {"silence nobody rounds 1", "s:1: no node \"nobody\"" + kNodes},
    {"slow iot rounds 1 by 1ms", "s:1: \"iot\" is a source" + kNodes},
    {"hang b round 1 for 1ms", "s:1: \"b\" is a stage of node \"two\"" + kNodes},
    {"lose e1->f3 rounds 1", "s:1: no link \"e1->f3\", did you mean \"e1->f2\"?" + kLinks},
    {"lose f2->e1 rounds 1", "s:1: no link \"f2->e1\", did you mean \"f2->a\"?" + kLinks},
    {"delay cloud->e1 rounds 1 by 1ms", "s:1: no link \"cloud->e1\"" + kLinks},
    {"lose iot->e1 rounds 1", "s:1: link \"iot->e1\" leaves a source and carries no message" + kLinks},
    {"delay a -> b rounds 1 by 1ms", "s:1: link \"a->b\" stays on one node and carries no message" + kLinks},
    // clauses
    {"crash e1", "s:1: crash without round" + kCrash},
    {"silence e1", "s:1: silence without rounds" + kSilence},
    {"hang e1 round 1", "s:1: hang without for" + kHang},
    {"slow e1 rounds 1", "s:1: slow without by" + kSlow},
    {"delay e1->f2 rounds 1 with .5", "s:1: delay without by" + kDelay},
    {"hang e1 round 1 by 1ms", "s:1: hang takes no \"by\"" + kHang},
    {"crash e1 round 1 with .5", "s:1: crash takes no \"with\"" + kCrash},
    {"lose e1->f2 rounds 1 for 1ms", "s:1: lose takes no \"for\"" + kLose},
    {"crash e1 rond 1", "s:1: unknown word \"rond\", did you mean \"round\"?" + kCrash},
    {"crash e1 50", "s:1: unknown word \"50\"" + kCrash},
    {"crash e1 round 1 please", "s:1: unknown word \"please\"" + kCrash},
    {"silence e1 rounds 1 .. 5", "s:1: unknown word \"..\"" + kSilence},
    {"crash e1 round", "s:1: \"round\" without a value" + kCrash},
    {"silence e1 rounds 1 round 2", "s:1: \"round\" given twice" + kSilence},
    {"crash e1 round 1\n\ncrash f2 round 2\ncrash e1 round 9",
     "s:4: node \"e1\" crashes twice (once; the first time is on line 1)"},
    // rounds
    {"crash e1 round -1", "s:1: round \"-1\"" + kRound},
    {"crash e1 round 1..2", "s:1: round \"1..2\"" + kRound},
    {"hang e1 round 1.. for 1ms", "s:1: round \"1..\"" + kRound},
    {"crash e1 round 1000000000001", "s:1: round \"1000000000001\"" + kRound},
    {"silence e1 rounds -3..5", "s:1: rounds \"-3..5\"" + kRange},
    {"silence e1 rounds ..5", "s:1: rounds \"..5\"" + kRange},
    {"silence e1 rounds 1...5", "s:1: rounds \"1...5\"" + kRange},
    {"silence e1 rounds 1-5", "s:1: rounds \"1-5\"" + kRange},
    {"silence e1 rounds ..", "s:1: rounds \"..\"" + kRange},
    {"silence e1 rounds 0..99999999999999999999", "s:1: rounds \"0..99999999999999999999\"" + kRange},
    {"silence e1 rounds 20..10", "s:1: rounds \"20..10\" end before they begin (N..M with M not below N)"},
    // times
    {"hang e1 round 1 for 200", "s:1: time \"200\" without a unit" + kTime},
    {"hang e1 round 1 for 5m", "s:1: time \"5m\"" + kTime},
    {"hang e1 round 1 for ms", "s:1: time \"ms\"" + kTime},
    {"hang e1 round 1 for -5ms", "s:1: time \"-5ms\"" + kTime},
    {"hang e1 round 1 for 1e3ms", "s:1: time \"1e3ms\"" + kTime},
    {"slow e1 rounds 1 by 0s", "s:1: time \"0s\" (at least 1us)"},
    {"slow e1 rounds 1 by 0.5us", "s:1: time \"0.5us\" is no whole number of microseconds" + kTime},
    {"slow e1 rounds 1 by 86401s", "s:1: time \"86401s\" is too long (at most 86400s)"},
    {"slow e1 rounds 1 by 99999999999999999999999s",
     "s:1: time \"99999999999999999999999s\" is too long (at most 86400s)"},
    {"slow e1 rounds 1 by 18446744073709551617us",  // 2^64 + 1
     "s:1: time \"18446744073709551617us\" is too long (at most 86400s)"},
    // probabilities
    {"lose e1->f2 rounds 1 with 1.1", "s:1: probability \"1.1\" (a number, 0 to 1)"},
    {"lose e1->f2 rounds 1 with -.1", "s:1: probability \"-.1\" (a number, 0 to 1)"},
    {"lose e1->f2 rounds 1 with nan", "s:1: probability \"nan\" (a number, 0 to 1)"},
    {"lose e1->f2 rounds 1 with 10%", "s:1: probability \"10%\" (a number, 0 to 1)"},
    {"lose e1->f2 rounds 1 with 0,1", "s:1: probability \"0,1\" (a number, 0 to 1)"},
};

class BadFailureScript : public testing::TestWithParam<Row> {};

TEST_P(BadFailureScript, IsRefusedInOneLine) {
  const std::string message = message_of(GetParam().script);
  EXPECT_EQ(message, GetParam().message);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Rows, BadFailureScript, testing::ValuesIn(kRows));

TEST(BadFailureScripts, NoLinkBetweenNodes) {
  const Topology alone = parse_topology("topology t\nsource s 2\nnode n linear:2\nlink s -> n\n", "t");
  try {
    FailureScript::parse("lose s->n rounds 1", "s", alone);
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_STREQ(
        error.what(),
        "s:1: link \"s->n\" leaves a source and carries no message (this topology has no link between "
        "two nodes)");
  }
}

}  // namespace
}  // namespace deepfog
