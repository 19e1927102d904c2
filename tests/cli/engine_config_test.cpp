#include "cli/byte_size.hpp"
#include "cli/campaign_config.hpp"
#include "config_folder.hpp"
#include "expect_user_error.hpp"

namespace deepfog {
namespace {

using EngineConfigTest = ConfigFolder;

TEST(ByteSize, ReadsAndWritesTasks) {
  EXPECT_EQ(parse_bytes("1000"), 1000);
  EXPECT_EQ(parse_bytes("3KiB"), 3 * 1024);
  EXPECT_EQ(parse_bytes("512MiB"), std::int64_t{512} << 20);
  EXPECT_EQ(parse_bytes("2GiB"), std::int64_t{2} << 30);
  for (const char* bad :
       {"", "GiB", "-1", "1 GiB", "1GB", "1.5GiB", "1gib", "9000000000GiB", "99999999999999999999"}) {
    EXPECT_FALSE(parse_bytes(bad)) << bad;
  }
  for (const std::int64_t size :
       {std::int64_t{1}, std::int64_t{1025}, std::int64_t{3} << 20, std::int64_t{5} << 30}) {
    EXPECT_EQ(parse_bytes(byte_text(size)), size);
  }
  EXPECT_EQ(byte_text(std::int64_t{1} << 30), "1GiB");
  EXPECT_EQ(byte_text(1536), "1536");
  EXPECT_EQ(byte_text(0), "0");
}

TEST_F(EngineConfigTest, FillsTheSpec) {
  const CampaignSpec none = load(config()).spec;
  EXPECT_EQ(none.engine, "diagram");
  EXPECT_EQ(none.device, "cpu");
  EXPECT_EQ(none.memory_bytes, std::int64_t{1} << 30);
  EXPECT_EQ(none.per_sample_mib, 64);
  const CampaignSpec spec =
      load(config("engine = reference\ndevice = cuda\nmemory = 3MiB\nclass_limit = 50\nbeyond = sampling\n"
                  "bound_width = 0.01\nmax_combinations = 7\nsampling_draws = 2000\nper_sample_mib = 0\n"))
          .spec;
  EXPECT_EQ(spec.engine, "reference");
  EXPECT_EQ(spec.device, "cuda");
  EXPECT_EQ(spec.memory_bytes, std::int64_t{3} << 20);
  EXPECT_EQ(spec.class_limit, 50);
  EXPECT_EQ(spec.per_sample_mib, 0);
  EXPECT_EQ(spec.large_diagram.policy, "sampling");
  EXPECT_DOUBLE_EQ(spec.large_diagram.bound_width, 0.01);
  EXPECT_EQ(spec.large_diagram.max_combinations, 7);
  EXPECT_EQ(spec.large_diagram.sampling_draws, 2000);
}

TEST_F(EngineConfigTest, RefusesWhatIsNotAllowed) {
  EXPECT_USER_ERROR(load(config("engine = fast\n")),
                    at(3) + "engine = \"fast\" (diagram, reference allowed)");
  EXPECT_USER_ERROR(load(config("device = gpu\n")), at(3) + "device = \"gpu\" (cpu, cuda allowed)");
  EXPECT_USER_ERROR(load(config("memory = 1GB\n")),
                    at(3) + "memory = \"1GB\" (bytes from 64KiB to 16384GiB, as 512MiB, allowed)");
  EXPECT_USER_ERROR(load(config("memory = 10\n")),
                    at(3) + "memory = \"10\" (bytes from 64KiB to 16384GiB, as 512MiB, allowed)");
  EXPECT_USER_ERROR(load(config("beyond = all\n")),
                    at(3) + "beyond = \"all\" (bounds, sampling, refuse allowed)");
  EXPECT_USER_ERROR(load(config("per_sample_mib = -1\n")),
                    at(3) + "per_sample_mib = \"-1\" (a whole number from 0 to 1048576 allowed)");
  EXPECT_USER_ERROR(load(config("bound_width = 2\n")), at(3) + "bound_width = \"2\" (from 0 to 1 allowed)");
}

TEST_F(EngineConfigTest, TheyDecideNumbersOnlyBeyondATable) {
  const std::string text = load(config()).spec.config_text;
  for (const char* set : {"engine=reference", "memory=2MiB", "per_sample_mib=3", "class_limit=9",
                          "beyond=refuse", "bound_width=0.1", "max_combinations=5", "sampling_draws=5000"}) {
    EXPECT_EQ(load(config(), {set}).spec.config_text, text) << set;
  }
  std::string chain = "topology long\nsource in 4\n", fails = "fails", reliability;
  for (int i = 1; i <= 17; ++i) {
    const std::string name = "n" + std::to_string(i);
    chain += "node " + name + " relu:4\nlink " + (i == 1 ? "in" : "n" + std::to_string(i - 1)) + " -> " +
             name + "\n";
    fails += " " + name;
    reliability += " " + name + ":.9";
  }
  write("t/long.topology", chain + "node end linear:3\nlink n17 -> end\n" + fails + "\n");
  const std::string path = (folder / "long.ini").string();
  write("long.ini", "[campaign]\nname = demo\n[experiment.x]\ndataset = made\nreliability.low =" +
                        reliability + "\n[model.x.one]\ntopology = t/long.topology\n");
  const std::string long_text = load(path).spec.config_text;
  for (const char* set : {"engine=reference", "memory=2MiB", "per_sample_mib=0"}) {
    EXPECT_EQ(load(path, {set}).spec.config_text, long_text) << set;
  }
  for (const char* set :
       {"class_limit=9", "beyond=refuse", "bound_width=0.1", "max_combinations=5", "sampling_draws=5000"}) {
    EXPECT_NE(load(path, {set}).spec.config_text, long_text) << set;
  }
}

TEST_F(EngineConfigTest, AGpuRoundsOtherwise) {
  const std::string text = load(config()).spec.config_text;
  EXPECT_EQ(load(config(), {"device=cpu"}).spec.config_text, text)
      << "a campaign begun before the key goes on";
  EXPECT_NE(load(config(), {"device=cuda"}).spec.config_text, text);
}

TEST_F(EngineConfigTest, TheExamplesOfManyNodesAreGood) {
  const std::string configs = DEEPFOG_SOURCE_DIR "/configs/";
  const CampaignSpec chain = load_campaign_config(configs + "chain20.ini", {}, "").spec;
  EXPECT_EQ(chain.experiments[0].models[1].topology.failing(), 20);
  EXPECT_EQ(chain.experiments[0].reliability[2].second, std::vector<double>(20, 0.9));
  const CampaignSpec tree = load_campaign_config(configs + "tree64.ini", {}, "").spec;
  EXPECT_EQ(tree.experiments[0].models[0].topology.failing(), 63);
  EXPECT_EQ(tree.class_limit, 1'000'000);
  EXPECT_NE(tree.config_text.find("bound_width = 0.002"), std::string::npos) << tree.config_text;
}

TEST_F(EngineConfigTest, PrintedWhereTheyMatter) {
  const std::string printed = print_config(load(config("max_combinations = 9\n")));
  for (const char* line : {"engine = diagram  ", "memory = 1GiB  ", "max_combinations = 9  "}) {
    EXPECT_NE(printed.find(line), std::string::npos) << printed;
  }
  EXPECT_EQ(printed.find("bound_width"), std::string::npos) << printed;
}

}  // namespace
}  // namespace deepfog
