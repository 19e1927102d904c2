#include "cli/infer_config.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "expect_user_error.hpp"

namespace deepfog {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;
using Times = std::vector<std::int64_t>;

struct InferConfigTest : ::testing::Test {
  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "deepfog_infer_config";
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string file(const std::string& text, const std::string& name = "c.ini") const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  static DistributedSpec spec(const Options& options) {
    Options all{{"weights", "w.h5"}};
    all.insert(all.end(), options.begin(), options.end());
    return load_infer_config("", {}, all).spec;
  }
};

TEST_F(InferConfigTest, DefaultsAreThoseOfTheHelp) {
  const DistributedSpec spec = InferConfigTest::spec({});
  EXPECT_EQ(spec.weights, "w.h5");
  EXPECT_EQ(spec.output, "results/inference.h5");
  EXPECT_EQ(spec.scenario, Scenario::single_stream);
  EXPECT_EQ(spec.samples, 0);
  EXPECT_EQ(spec.batch, 1);
  EXPECT_EQ(spec.depth, 0);
  EXPECT_EQ(spec.failures, "none");
  EXPECT_TRUE(spec.timeouts_us.empty());
  EXPECT_EQ(spec.heartbeat_us, 20'000);
  EXPECT_EQ(spec.limit_us, 200'000);
  EXPECT_EQ(spec.run_limit_us, 3'600'000'000);
  EXPECT_FALSE(spec.check || spec.adaptive);
}

TEST_F(InferConfigTest, OptionsWinOverSetWinsOverFile) {
  const std::string path =
      file("[inference]\nweights = w.h5\nbatch = 2\ndepth = 3\nseed = 4\nname = mine\nlimit = 1s\n");
  const InferConfig config =
      load_infer_config(path, {"depth=5", "inference.seed=6"}, {{"seed", "7"}, {"run_limit", "90s"}});
  EXPECT_EQ(config.spec.batch, 2);
  EXPECT_EQ(config.spec.depth, 5);
  EXPECT_EQ(config.spec.seed, 7U);
  EXPECT_EQ(config.spec.limit_us, 1'000'000);
  EXPECT_EQ(config.spec.run_limit_us, 90'000'000);
  EXPECT_EQ(config.spec.output, "results/mine.h5");
  std::string where;
  for (const EffectiveSetting& setting : config.effective) {
    EXPECT_NE(setting.value, "") << setting.key;  // an empty value could not be read back
    where += setting.key == "batch" || setting.key == "seed" ? setting.where + " " : "";
  }
  EXPECT_EQ(where, path + ":3 --seed ");
}

TEST_F(InferConfigTest, EveryKeyCanBeRead) {
  const DistributedSpec spec = InferConfigTest::spec({{"dataset", "d"},
                                                      {"output", (folder / "x.h5").string()},
                                                      {"name", "n"},
                                                      {"scenario", "server"},
                                                      {"rate", "50"},
                                                      {"samples", "9"},
                                                      {"threads", "2"},
                                                      {"failures", "f1"},
                                                      {"adaptive", "true"},
                                                      {"heartbeat", "1ms"},
                                                      {"limit", "5ms"},
                                                      {"check", "true"}});
  EXPECT_EQ(spec.dataset + spec.name + spec.failures, "dnf1");
  EXPECT_EQ(spec.scenario, Scenario::server);
  EXPECT_EQ(spec.rate, 50);
  EXPECT_EQ(spec.samples, 9);
  EXPECT_EQ(spec.threads, 2);
  EXPECT_EQ(spec.heartbeat_us, 1000);
  EXPECT_TRUE(spec.check && spec.adaptive);
  EXPECT_EQ(InferConfigTest::spec({{"scenario", "offline"}}).scenario, Scenario::offline);
}

TEST_F(InferConfigTest, FailuresComeFromSeveralOptionsOrAFile) {
  const DistributedSpec lines = spec({{"fail", "crash a round 1"}, {"fail", "hang b round 2 for 3ms"}});
  EXPECT_EQ(lines.script, "crash a round 1\nhang b round 2 for 3ms\n");
  EXPECT_EQ(lines.script_where, "--fail");
  const std::string path = file("seed 3\ncrash a round 1\n", "s.txt");
  const DistributedSpec whole = spec({{"script", path}});
  EXPECT_EQ(whole.script, "seed 3\ncrash a round 1\n");
  EXPECT_EQ(whole.script_where, path);
  EXPECT_USER_ERROR(spec({{"script", path}, {"fail", "crash a round 1"}}),
                    "--fail: does not go with a script file (add the line to " + path + ")");
  const std::string large = file(std::string((1 << 20) + 1, '#'), "l.txt");
  EXPECT_USER_ERROR(spec({{"script", large}}), large + ": is larger than 1 MiB (a failure script)");
}

TEST_F(InferConfigTest, TimesThatDoNotFitEachOther) {
  EXPECT_USER_ERROR(spec({{"heartbeat", "20ms"}, {"limit", "39ms"}}),
                    "limit: is shorter than two heartbeats (--limit of at least twice --heartbeat)");
  EXPECT_EQ(spec({{"heartbeat", "20ms"}, {"limit", "40ms"}}).limit_us, 40'000);
  EXPECT_USER_ERROR(spec({{"run_limit", "999999us"}}),
                    "--run-limit: run_limit 999999us: is too short (1000000us or more allowed)");
  EXPECT_TRUE(spec({{"variants", "none"}}).timeouts_us.empty());  // as printed
  EXPECT_USER_ERROR(spec({{"variants", "none,f1"}}),
                    "--variants: variants without several timeouts (timeout = 10us..30ms)");
  EXPECT_EQ(spec({{"timeout", "1ms,2ms"}, {"variants", "none, f1"}}).variants,
            (std::vector<std::string>{"none", "f1"}));
}

TEST_F(InferConfigTest, OnlyItsOwnSection) {
  EXPECT_USER_ERROR(load_infer_config("", {}, {}),
                    "deepfog infer: no weights given (--weights FILE, as deepfog run saves them)");
  const std::string other = file("[inference]\nweights = w\n[campaign]\n");
  EXPECT_USER_ERROR(load_infer_config(other, {}, {}),
                    other + ":3: unknown section [campaign] ([inference] allowed)");
  const std::string none = file("[campaign]\nname = x\n");
  EXPECT_USER_ERROR(load_infer_config(none, {}, {}), none + ": lacks the section [inference]");
}

TEST(Timeouts, AreOneSeveralOrARange) {
  EXPECT_EQ(parse_timeouts("50ms", "x"), (Times{50'000}));
  EXPECT_EQ(parse_timeouts("10us, 1ms,1s", "x"), (Times{10, 1000, 1'000'000}));
  EXPECT_EQ(parse_timeouts("10us..30ms", "x"), (Times{10, 30, 100, 300, 1000, 3000, 10'000, 30'000}));
  EXPECT_EQ(parse_timeouts("2ms..5ms", "x"), (Times{2000}));
  EXPECT_EQ(parse_timeouts("5us..5us", "x"), (Times{5}));
}

TEST(Timeouts, RiseAndAreNotNothing) {
  for (const std::string text : {"0us", "2ms,1ms", "1ms,1ms", "9ms..1ms", ","}) {
    EXPECT_USER_ERROR(parse_timeouts(text, "x"),
                      "x " + text + ": no rising times (50ms, 10us,1ms or 10us..30ms allowed)");
  }
  EXPECT_THROW(parse_timeouts("1ms..", "x"), UserError);
  EXPECT_THROW(parse_timeouts("..1ms", "x"), UserError);
  EXPECT_THROW(parse_timeouts("1ms..2ms..3ms", "x"), UserError);
}

}  // namespace
}  // namespace deepfog
