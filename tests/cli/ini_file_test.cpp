#include "cli/ini_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "expect_user_error.hpp"

namespace deepfog {
namespace {

TEST(IniFile, KeepsOrderAndLines) {
  const IniFile file =
      parse_ini("# head\n[campaign]\nname = a b  # why\n\n[experiment.x]\nreliability.low=f1:.5\n", "c.ini");
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_EQ(file.sections[0].where, "c.ini:2");
  ASSERT_NE(file.sections[0].find("name"), nullptr);
  EXPECT_EQ(file.sections[0].find("name")->value, "a b");
  EXPECT_EQ(file.sections[0].find("name")->where, "c.ini:3");
  EXPECT_EQ(file.sections[1].name, "experiment.x");
  EXPECT_EQ(file.sections[1].entries.at(0).value, "f1:.5");
  EXPECT_EQ(file.find("nothing"), nullptr);
  EXPECT_EQ(file.sections[1].find("name"), nullptr);
}

TEST(IniFile, CommentsBeginAtTheStartOrAfterABlankOnly) {
  const IniFile file = parse_ini("[a]\n; all\n  # all\nx = p#q\ny = p ;q\n", "c");
  EXPECT_EQ(file.sections[0].entries.size(), 2U);
  EXPECT_EQ(file.sections[0].find("x")->value, "p#q");
  EXPECT_EQ(file.sections[0].find("y")->value, "p");
}

TEST(IniFile, TakesFilesFromOtherSystems) {
  const IniFile file = parse_ini("\xEF\xBB\xBF[a]\r\nx = 1\r\n", "c");
  EXPECT_EQ(file.sections.at(0).find("x")->value, "1");
}

TEST(IniFile, RefusesWhatIsNeitherSectionNorEntry) {
  EXPECT_USER_ERROR(parse_ini("[a]\njust words\n", "c"),
                    "c:2: \"just words\" is neither [section] nor key = value");
  EXPECT_USER_ERROR(parse_ini("[a\n", "c"), "c:1: section without closing bracket ([name] allowed)");
  EXPECT_USER_ERROR(parse_ini("[]\n", "c"), "c:1: \"\" is no section name (letters, digits, _ . - allowed)");
  EXPECT_USER_ERROR(parse_ini("[a]\nb c = 1\n", "c"),
                    "c:2: \"b c\" is no key (letters, digits, _ . - allowed)");
  EXPECT_USER_ERROR(parse_ini("x = 1\n", "c"), "c:1: x stands before the first section ([campaign] first)");
  EXPECT_USER_ERROR(parse_ini(std::string("[a]\nx\0y = 1\n", 12), "c"),
                    "c:2: contains control characters (a config file is plain text)");
}

TEST(IniFile, RefusesDoubles) {
  EXPECT_USER_ERROR(parse_ini("[a]\nx = 1\nx = 2\n", "c"), "c:3: key x a second time in [a] (first at c:2)");
  EXPECT_USER_ERROR(parse_ini("[a]\n[b]\n[a]\n", "c"), "c:3: section [a] a second time (first at c:1)");
}

TEST(IniFile, ReadsFromDiskAndRefusesWhatIsNoFile) {
  EXPECT_USER_ERROR(read_ini("no/such.ini"), "no/such.ini: cannot be read: No such file or directory");
  EXPECT_USER_ERROR(read_ini("."), ".: cannot be read (a config file is plain text)");
  const auto path = std::filesystem::temp_directory_path() / "deepfog_ini_file_test.ini";
  std::ofstream(path) << std::string((1 << 20) + 1, ' ');
  EXPECT_USER_ERROR(read_ini(path.string()),
                    path.string() + ": larger than 1 MiB (a config file is plain text)");
  std::ofstream(path) << "[a]\nx = 1";
  EXPECT_EQ(read_ini(path.string()).sections.at(0).find("x")->value, "1");
  std::filesystem::remove(path);
}

TEST(OverrideEntry, WinsOverTheFileAndAddsKeys) {
  IniFile file = parse_ini("[campaign]\nruns = 1\n[model.x.a]\n[model.x.a.b]\n", "c");
  override_entry(file, "campaign.runs=2");
  EXPECT_EQ(file.sections[0].find("runs")->value, "2");
  EXPECT_EQ(file.sections[0].find("runs")->where, "--set campaign.runs=2");
  override_entry(file, "runs = 3");
  EXPECT_EQ(file.sections[0].find("runs")->value, "3");
  EXPECT_EQ(file.sections[0].entries.size(), 1U);
  override_entry(file, "model.x.a.b.epochs=4");
  EXPECT_EQ(file.sections[1].find("b.epochs"), nullptr);
  EXPECT_EQ(file.sections[2].find("epochs")->value, "4");
  override_entry(file, "model.x.a.reliability.low=a=b");
  EXPECT_EQ(file.sections[1].find("reliability.low")->value, "a=b");
}

TEST(OverrideEntry, RefusesWhatFitsNowhere) {
  IniFile file = parse_ini("[campaign]\n", "c");
  EXPECT_USER_ERROR(override_entry(file, "runs"), "--set runs: no value (section.key=value allowed)");
  EXPECT_USER_ERROR(override_entry(file, "model.a.epochs=1"),
                    "--set model.a.epochs=1: no such section in c (sections: campaign)");
  EXPECT_USER_ERROR(override_entry(file, "campaign.=1"),
                    "--set campaign.=1: \"\" is no key (letters, digits, _ . - allowed)");
}

}  // namespace
}  // namespace deepfog
