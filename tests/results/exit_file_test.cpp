#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "sample_exits.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using test::sample_results_with_exits;
using test::Scratch;
using Integers = std::vector<std::int64_t>;

const std::string model = "/experiments/sample/models/ddnn";

ExitTables& exits_of(Results& results) {
  return results.experiments[0].models[2].exits;
}

Results write_and_read(const Results& results) {
  const Scratch scratch;
  write_results(scratch.path("r.h5"), results);
  return read_results(scratch.path("r.h5"));
}

void expect_equal(const ExitTables& a, const ExitTables& b) {
  EXPECT_EQ(a.exits, b.exits);
  EXPECT_EQ(a.heads, b.heads);
  EXPECT_EQ(a.thresholds, b.thresholds);
  EXPECT_EQ(a.answered, b.answered);
  EXPECT_EQ(a.correct, b.correct);
  EXPECT_EQ(a.grid, b.grid);
  EXPECT_EQ(a.curve_answered, b.curve_answered);
  EXPECT_EQ(a.curve_correct, b.curve_correct);
  EXPECT_EQ(a.alone, b.alone);
  EXPECT_EQ(a.links, b.links);
  EXPECT_EQ(a.link_kinds, b.link_kinds);
  EXPECT_EQ(a.senders, b.senders);
  EXPECT_EQ(a.bits, b.bits);
  EXPECT_EQ(a.exits_passed, b.exits_passed);
}

TEST(ExitFile, GivesBackWhatWasWritten) {
  Results results = sample_results_with_exits(), found = write_and_read(results);
  EXPECT_FALSE(exits_of(found).empty());
  expect_equal(exits_of(found), exits_of(results));
}

TEST(ExitFile, OtherModelsHaveNone) {
  const Results found = write_and_read(sample_results_with_exits());
  EXPECT_TRUE(found.experiments[0].models[0].exits.empty());
  EXPECT_TRUE(found.experiments[0].models[1].exits.empty());
}

TEST(ExitFile, ANetworkOnOneMachineHasNoLinks) {
  Results results = sample_results_with_exits();
  ExitTables& exits = exits_of(results);
  exits.links = exits.link_kinds = exits.senders = {};
  exits.bits = exits.exits_passed = {};
  Results found = write_and_read(results);
  expect_equal(exits_of(found), exits);
}

TEST(ExitFile, ARunThatIsNotDoneStaysNaN) {
  Results results = sample_results_with_exits();
  exits_of(results).thresholds[4] = std::numeric_limits<double>::quiet_NaN();
  Results found = write_and_read(results);
  EXPECT_TRUE(std::isnan(exits_of(found).thresholds[4]));
}

TEST(ExitFile, TheWriterRefusesTablesThatDoNotFit) {
  const Scratch scratch;
  const std::string path = scratch.path("r.h5");
  const auto message = [&](const auto& change) {
    Results results = sample_results_with_exits();
    change(exits_of(results));
    return test::message_of<Failure>([&] { write_results(path, results); });
  };
  const std::string where = path + ":" + model + "/exits/";
  EXPECT_EQ(message([](ExitTables& t) { t.thresholds.pop_back(); }),
            where + "thresholds: 5 values for shape [2, 3]");
  EXPECT_EQ(message([](ExitTables& t) { t.answered.pop_back(); }),
            where + "answered: 47 values for shape [2, 8, 3]");
  EXPECT_EQ(message([](ExitTables& t) { t.correct.pop_back(); }),
            where + "correct: 47 values for shape [2, 8, 3]");
  EXPECT_EQ(message([](ExitTables& t) { t.grid.pop_back(); }),
            where + "curve_answered: 144 values for shape [2, 8, 2, 3]");
  EXPECT_EQ(message([](ExitTables& t) { t.curve_correct.pop_back(); }),
            where + "curve_correct: 143 values for shape [2, 8, 3, 3]");
  EXPECT_EQ(message([](ExitTables& t) { t.heads.pop_back(); }),
            where + "alone: 80 values for shape [2, 8, 4]");
  EXPECT_EQ(message([](ExitTables& t) { t.bits.pop_back(); }),
            model + "/exits/links: tables of unequal length");
  EXPECT_EQ(scratch.files(), 0U);
}

TEST(ExitFile, ExitsNeedATableOfCombinationsOrClasses) {
  const Scratch scratch;
  Results results = sample_results_with_exits();
  ModelResults& one = results.experiments[0].models[2];
  results.experiments[0].models = {one};
  results.experiments[0].models[0].text["table"] = "bounds";
  results.experiments[0].models[0].explored = {0, 0};
  results.experiments[0].models[0].right.clear();
  EXPECT_EQ(test::message_of<Failure>([&] { write_results(scratch.path("r.h5"), results); }),
            model + "/exits: beside a table of bounds");
  results.experiments[0].models[0].exits = {};
  write_results(scratch.path("r.h5"), results);
  test::edit(scratch.path("r.h5"), [](hid_t file) {
    H5Gclose(H5Gcreate2(file, (model + "/exits").c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  });
  EXPECT_EQ(test::message_of<UserError>([&] { read_results(scratch.path("r.h5")); }),
            scratch.path("r.h5") + ":" + model +
                "/exits: beside a table of bounds (a table of combinations or classes)");
}

struct Case {
  std::string name;
  test::Edit spoil;
  std::string message;  ///< behind the path and the model
};

std::vector<Case> cases() {
  using test::claim, test::remove, test::replace, test::replace_strings;
  const std::string exits = model + "/exits";
  const hsize_t huge = hsize_t{1} << 31;
  return {
      {"no names", remove(exits + "/names"), "/exits/names: missing"},
      {"names are numbers", replace(exits + "/names", {3}, Integers(3)),
       "/exits/names: type int64 (fixed-length string)"},
      {"no exit at all", replace_strings(exits + "/names", {}), "/exits/names: 0 values (1 to 1000)"},
      {"too many exits", replace_strings(exits + "/names", std::vector<std::string>(1001, "x")),
       "/exits/names: 1001 values (1 to 1000)"},
      {"an exit more", replace_strings(exits + "/names", {"a", "b", "c", "d"}),
       "/exits/thresholds: shape [2, 3] ([2, 4])"},
      {"no heads", remove(exits + "/heads"), "/exits/heads: missing"},
      {"a head less", replace_strings(exits + "/heads", {"a", "b", "c", "d"}),
       "/exits/alone: shape [2, 8, 5] ([2, 8, 4])"},
      {"thresholds of other runs", replace(exits + "/thresholds", {1, 3}, std::vector<double>(3)),
       "/exits/thresholds: shape [1, 3] ([2, 3])"},
      {"thresholds are integers", replace(exits + "/thresholds", {2, 3}, Integers(6)),
       "/exits/thresholds: type int64 (float64)"},
      {"answered under other combinations", replace(exits + "/answered", {2, 4, 3}, Integers(24)),
       "/exits/answered: shape [2, 4, 3] ([2, 8, 3])"},
      {"correct of rank 2", replace(exits + "/correct", {16, 3}, Integers(48)),
       "/exits/correct: shape [16, 3] ([2, 8, 3])"},
      {"a grid of rank 2", replace(exits + "/grid", {3, 1}, std::vector<double>(3)),
       "/exits/grid: shape [3, 1] ([any])"},
      {"no point", replace(exits + "/grid", {0}, std::vector<double>{}),
       "/exits/grid: 0 values (1 to 10000)"},
      {"many points", claim(exits + "/grid", {huge}, H5T_IEEE_F64LE),
       "/exits/grid: shape [2147483648], but only 0 bytes are stored (a complete table)"},
      {"a curve of other points", replace(exits + "/grid", {2}, std::vector<double>(2)),
       "/exits/curve_answered: shape [2, 8, 3, 3] ([2, 8, 2, 3])"},
      {"a curve that fills the memory", claim(exits + "/curve_correct", {2, 8, huge, 3}, H5T_STD_I64LE),
       "/exits/curve_correct: shape [2, 8, 2147483648, 3] ([2, 8, 3, 3])"},
      {"alone missing", remove(exits + "/alone"), "/exits/alone: missing"},
      {"no links", remove(exits + "/links"), "/exits/links/names: missing"},
      {"a link less", replace_strings(exits + "/links/names", std::vector<std::string>(8, "x")),
       "/exits/links/kinds: shape [9] ([8])"},
      {"senders of other links", replace_strings(exits + "/links/senders", {"a"}),
       "/exits/links/senders: shape [1] ([9])"},
      {"bits are floats", replace(exits + "/links/bits", {9}, std::vector<double>(9)),
       "/exits/links/bits: type float64 (int64)"},
      {"exits passed by fewer", replace(exits + "/links/exits_passed", {8}, Integers(8)),
       "/exits/links/exits_passed: shape [8] ([9])"},
  };
}

TEST(ExitFile, OneLineSaysWhereAndWhatIsAllowed) {
  for (const Case& bad : cases()) {
    const Scratch scratch;
    const std::string path = scratch.path("bad.h5");
    write_results(path, sample_results_with_exits());
    bad.spoil(path);
    EXPECT_EQ(test::message_of<UserError>([&] { read_results(path); }), path + ":" + model + bad.message)
        << bad.name;
  }
}

}  // namespace
}  // namespace deepfog
