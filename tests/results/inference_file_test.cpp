#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "results/inference_columns.hpp"
#include "sample_inference.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using test::sample_inference;
using test::Scratch;

template <class Value>
void expect_equal(const std::vector<Value>& a, const std::vector<Value>& b, const std::string& name) {
  EXPECT_EQ(a, b) << name;
}
/// Bit for bit, so NaN is a value like any other.
void expect_equal(const std::vector<double>& a, const std::vector<double>& b, const std::string& name) {
  ASSERT_EQ(a.size(), b.size()) << name;
  EXPECT_TRUE(a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) << name;
}

template <class Table>
void expect_equal_table(const Table& a, const Table& b, const std::string& name) {
  inference_columns::each_column(
      a, [&](const auto& one) { expect_equal(a.*one.values, b.*one.values, name + "/" + one.name); });
}

void expect_equal(const InferenceResults& a, const InferenceResults& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.integers, b.integers);
  EXPECT_EQ(a.numbers, b.numbers);
  EXPECT_EQ(a.topology_text, b.topology_text);
  EXPECT_EQ(a.script_text, b.script_text);
  EXPECT_EQ(a.links, b.links);
  EXPECT_EQ(a.failing, b.failing);
  EXPECT_EQ(a.labels, b.labels);
  expect_equal_table(a.phases, b.phases, "phases");
  expect_equal_table(a.rounds, b.rounds, "rounds");
  EXPECT_EQ(a.rounds.used, b.rounds.used);
  EXPECT_EQ(a.rounds.timed_out, b.rounds.timed_out);
  EXPECT_EQ(a.rounds.prediction, b.rounds.prediction);
  EXPECT_EQ(a.rounds.exit, b.rounds.exit);
  expect_equal_table(a.nodes, b.nodes, "nodes");
  expect_equal_table(a.link_counts, b.link_counts, "links");
  expect_equal_table(a.membership, b.membership, "membership");
  expect_equal_table(a.hops, b.hops, "hops");
}

Results write_and_read(const Results& results) {
  const Scratch scratch;
  write_results(scratch.path("r.h5"), results);
  return read_results(scratch.path("r.h5"));
}

/// What comes back of one distributed run.
void expect_comes_back(const InferenceResults& inference) {
  Results results = test::sample_results_of_inference_alone();
  results.inference = {inference};
  const Results found = write_and_read(results);
  EXPECT_TRUE(found.experiments.empty());
  ASSERT_EQ(found.inference.size(), 1U);
  expect_equal(found.inference[0], inference);
}

TEST(InferenceFile, GivesBackWhatWasWritten) {
  Results results = test::sample_results_with_inference();
  results.inference.push_back(sample_inference());
  results.inference[1].name = "another";  // behind "walk", though before it in the alphabet
  results.inference[1].numbers["rate"] = 12.5;
  const Results found = write_and_read(results);
  EXPECT_EQ(found.experiments.size(), 1U);
  ASSERT_EQ(found.inference.size(), 2U);
  expect_equal(found.inference[0], results.inference[0]);
  expect_equal(found.inference[1], results.inference[1]);
}

TEST(InferenceFile, ExitsOfANetworkThatHasSome) {
  InferenceResults inference = sample_inference();
  inference.rounds.exit.assign(inference.rounds.prediction.size(), 1);
  inference.rounds.exit[3] = -1;
  expect_comes_back(inference);
}

TEST(InferenceFile, ARunThatEndedBeforeItsFirstRound) {
  InferenceResults inference = sample_inference();
  inference.text["ending"] = "interrupted";
  inference.script_text.clear();
  inference.rounds = {};
  inference.membership = {};
  inference.hops = {};
  expect_comes_back(inference);
  inference.phases = {};
  inference.nodes = {};
  inference.link_counts = {};
  inference.labels.clear();
  expect_comes_back(inference);
}

TEST(InferenceFile, AllSixtyFourNodesOfACombination) {
  InferenceResults inference = sample_inference();
  inference.phases.combination = {~std::uint64_t{0}, std::uint64_t{1} << 63, 0, 5};
  expect_comes_back(inference);
}

TEST(InferenceFile, LongRunsArePackedAndComeBack) {
  InferenceResults inference = sample_inference();
  const InferenceRounds few = inference.rounds;
  for (int i = 0; i < 9999; ++i) {
    inference_columns::each_column(few, [&](const auto& one) {
      auto& all = inference.rounds.*one.values;
      all.insert(all.end(), (few.*one.values).begin(), (few.*one.values).end());
    });
    const auto add = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
    add(inference.rounds.used, few.used);
    add(inference.rounds.timed_out, few.timed_out);
    add(inference.rounds.prediction, few.prediction);
  }
  expect_comes_back(inference);
  const Scratch scratch;
  Results results = test::sample_results_of_inference_alone();
  results.inference = {inference};
  write_results(scratch.path("r.h5"), results);
  EXPECT_LT(test::read_file(scratch.path("r.h5")).size(), 600000U);  // 7.7 MB unpacked
}

TEST(InferenceFile, FilesWithoutOneHaveNoSuchGroup) {
  const Scratch scratch;
  const std::string path = scratch.path("r.h5");
  write_results(path, test::sample_results());
  const auto groups = [&] {
    std::vector<bool> found;
    test::edit(path, [&](hid_t file) {
      for (const char* name : {"/experiments", "/inference"})
        found.push_back(H5Lexists(file, name, H5P_DEFAULT) > 0);
    });
    return found;
  };
  EXPECT_EQ(groups(), (std::vector<bool>{true, false}));
  EXPECT_TRUE(read_results(path).inference.empty());
  write_results(path, test::sample_results_of_inference_alone());
  EXPECT_EQ(groups(), (std::vector<bool>{true, true}));
}

TEST(InferenceFile, TheSameValuesGiveTheSameBytes) {
  const Scratch scratch;
  write_results(scratch.path("a.h5"), test::sample_results_with_inference());
  write_results(scratch.path("b.h5"), read_results(scratch.path("a.h5")));
  EXPECT_EQ(test::read_file(scratch.path("a.h5")), test::read_file(scratch.path("b.h5")));
}

TEST(InferenceFile, RefusesTablesThatDoNotFillTheirShape) {
  const Scratch scratch;
  const std::string path = scratch.path("r.h5");
  Results results = test::sample_results_of_inference_alone();
  results.inference[0].rounds.used.pop_back();
  EXPECT_EQ(test::message_of<Failure>([&] { write_results(path, results); }),
            path + ":/inference/walk/rounds/used: 31 values for shape [8, 4]");
  results.inference[0] = sample_inference();
  results.inference[0].name = "a/b";
  EXPECT_EQ(test::message_of<Failure>([&] { write_results(path, results); }),
            path + ":/inference: 'a/b' cannot name an HDF5 object");
  EXPECT_EQ(scratch.files(), 0U);
}

}  // namespace
}  // namespace deepfog
