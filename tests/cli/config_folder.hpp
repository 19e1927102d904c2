#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cli/campaign_config.hpp"

namespace deepfog {

/// A temporary folder with a config file and two topologies over the failing nodes a and b.
class ConfigFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::temp_directory_path() / (std::string("deepfog_cli_") + test->name());
    std::filesystem::create_directories(folder / "t");
    write("t/chain.topology",
          "topology chain\nsource in 4\nnode a relu:8\nnode b relu:8\nnode c linear:3\nlink in -> a\nlink a "
          "-> b\n"
          "link b -> c\nfails a b\n");
    write("t/skip.topology",
          "topology skip\nsource in 4\nnode a relu:8\nnode b relu:8\nnode c linear:3\nlink in -> a\nlink a "
          "-> b\n"
          "link b -> c\nlink a -> c skip\nfails a b\n");
    write("t/turned.topology",
          "topology turned\nsource in 4\nnode a relu:8\nnode b relu:8\nnode c linear:3\nlink in -> a\nlink a "
          "-> b\n"
          "link b -> c\nfails b a\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  /// A config of one experiment and two models; `campaign`, `experiment` and `second` are additional lines of
  /// the sections.
  std::string config(const std::string& campaign = "", const std::string& experiment = "",
                     const std::string& second = "") {
    write("c.ini",
          "[campaign]\nname = demo\n" + campaign +
              "[experiment.x]\ndataset = made\nreliability.low = a:.9 b:.75\n" + experiment +
              "[model.x.one]\ntopology = t/chain.topology\n[model.x.two]\ntopology = t/skip.topology\n" +
              second);
    return (folder / "c.ini").string();
  }

  CampaignConfig load(const std::string& path, const std::vector<std::string>& sets = {},
                      const std::string& output = "") {
    return load_campaign_config(path, sets, output);
  }

  std::string at(int line) const { return (folder / "c.ini").string() + ":" + std::to_string(line) + ": "; }

  std::filesystem::path folder;
};

}  // namespace deepfog
