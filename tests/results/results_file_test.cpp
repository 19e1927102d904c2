#include "results/results_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "../storage/scratch.hpp"
#include "sample_results.hpp"

namespace deepfog {
namespace {

using test::message_of;
using test::read_file;
using test::sample_results;
using test::Scratch;

void expect_equal(const ModelResults& a, const ModelResults& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.integers, b.integers);
  EXPECT_EQ(a.numbers, b.numbers);
  EXPECT_EQ(a.failout_rates, b.failout_rates);
  EXPECT_EQ(a.topology_text, b.topology_text);
  EXPECT_EQ(a.correct, b.correct);
  EXPECT_EQ(a.flow, b.flow);
  EXPECT_EQ(a.accuracy, b.accuracy);
  EXPECT_EQ(a.confusion, b.confusion);
  EXPECT_EQ(a.right, b.right);
  EXPECT_EQ(a.right_row, b.right_row);
  EXPECT_EQ(a.average_accuracy, b.average_accuracy);
  EXPECT_EQ(a.average_precision, b.average_precision);
  EXPECT_EQ(a.average_recall, b.average_recall);
  EXPECT_EQ(a.validation_accuracy, b.validation_accuracy);
  EXPECT_EQ(a.train_seconds, b.train_seconds);
  EXPECT_EQ(a.sweep_seconds, b.sweep_seconds);
  EXPECT_EQ(a.best_epoch, b.best_epoch);
  EXPECT_EQ(a.done, b.done);
}

void expect_equal(const ExperimentResults& a, const ExperimentResults& b) {
  EXPECT_EQ(std::tie(a.name, a.dataset, a.data_origin, a.data_sha256, a.split, a.guess),
            std::tie(b.name, b.dataset, b.data_origin, b.data_sha256, b.split, b.guess));
  EXPECT_EQ(std::tie(a.classes, a.train_samples, a.validation_samples, a.test_samples, a.runs),
            std::tie(b.classes, b.train_samples, b.validation_samples, b.test_samples, b.runs));
  EXPECT_EQ(a.guess_accuracy, b.guess_accuracy);
  EXPECT_EQ(a.test_class_counts, b.test_class_counts);
  EXPECT_EQ(a.test_labels, b.test_labels);
  EXPECT_EQ(a.guess_probabilities, b.guess_probabilities);
  EXPECT_EQ(a.nodes, b.nodes);
  EXPECT_EQ(a.reliability, b.reliability);
  ASSERT_EQ(a.models.size(), b.models.size());
  for (std::size_t i = 0; i < a.models.size(); ++i) expect_equal(a.models[i], b.models[i]);
}

void expect_equal(const Results& a, const Results& b) {
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.integers, b.integers);
  EXPECT_EQ(std::tie(a.git_dirty, a.valid, a.invalid_reasons),
            std::tie(b.git_dirty, b.valid, b.invalid_reasons));
  ASSERT_EQ(a.sessions.size(), b.sessions.size());
  for (std::size_t i = 0; i < a.sessions.size(); ++i) {
    EXPECT_EQ(a.sessions[i].text, b.sessions[i].text);
    EXPECT_EQ(a.sessions[i].integers, b.sessions[i].integers);
    EXPECT_EQ(a.sessions[i].environment, b.sessions[i].environment);
  }
  ASSERT_EQ(a.experiments.size(), b.experiments.size());
  for (std::size_t i = 0; i < a.experiments.size(); ++i) expect_equal(a.experiments[i], b.experiments[i]);
}

Results write_and_read(const Results& results) {
  const Scratch scratch;
  write_results(scratch.path("results.h5"), results);
  return read_results(scratch.path("results.h5"));
}

TEST(ResultsFile, GivesBackWhatWasWritten) {
  Results results = sample_results();
  expect_equal(write_and_read(results), results);
  results.valid = false;
  results.git_dirty = true;
  results.invalid_reasons = "one; two";
  results.text["finished"] = "";
  results.sessions.clear();
  results.experiments[0].models[0].confusion.clear();
  results.experiments[0].models[0].average_precision.clear();
  results.experiments.push_back(results.experiments[0]);
  results.experiments.back().name = "another";  // behind "sample", though before it in the alphabet
  expect_equal(write_and_read(results), results);
}

TEST(ResultsFile, RunsThatAreNotDoneKeepTheirNaN) {
  Results results = sample_results();
  ModelResults& model = results.experiments[0].models[0];
  model.done[1] = 0;
  model.validation_accuracy[1] = std::numeric_limits<double>::quiet_NaN();
  const Results found = write_and_read(results);
  EXPECT_EQ(found.experiments[0].models[0].done[1], 0);
  EXPECT_TRUE(std::isnan(found.experiments[0].models[0].validation_accuracy[1]));
}

TEST(ResultsFile, NoExperimentsAndNoFailingNodes) {
  Results results = sample_results();
  results.experiments.clear();
  expect_equal(write_and_read(results), results);
  ExperimentResults experiment = sample_results().experiments[0];
  experiment.nodes.clear();  // one combination
  for (auto& [setting, survival] : experiment.reliability) survival.clear();
  experiment.models.clear();
  results.experiments.push_back(experiment);
  expect_equal(write_and_read(results), results);
}

TEST(ResultsFile, AConfigLargerThanAnObjectHeader) {
  Results results = sample_results();
  results.text["config_text"] = std::string(300000, '#') + "\n";
  expect_equal(write_and_read(results), results);
}

TEST(ResultsFile, LargeTablesArePackedAndComeBack) {
  Results results = sample_results();
  ExperimentResults& experiment = results.experiments[0];
  experiment.nodes.clear();
  for (int i = 0; i < 15; ++i) experiment.nodes.push_back("node" + std::to_string(i));
  experiment.reliability = {{"normal", std::vector<double>(15, 0.9)}};
  experiment.models.resize(1);
  ModelResults& model = experiment.models[0];
  const std::size_t combinations = std::size_t{1} << 15;
  model.failout_rates.assign(15, 0);
  model.flow.assign(combinations, 1);
  model.correct.assign(2 * combinations, 7);
  model.accuracy.assign(2 * combinations, 0.7);
  model.confusion.assign(2 * combinations * 9, 3);
  model.right_row.assign(combinations, 0);
  for (std::size_t k = 0; k < combinations; ++k) model.right_row[k] = static_cast<std::int32_t>(k + 1);
  model.right.assign(2 * combinations * 2, 1);
  for (std::size_t i = 0; i < model.correct.size(); i += 11) model.correct[i] = static_cast<std::int64_t>(i);
  const Scratch scratch;
  write_results(scratch.path("large.h5"), results);
  expect_equal(read_results(scratch.path("large.h5")), results);
  EXPECT_LT(read_file(scratch.path("large.h5")).size(), 600000U);  // 5.8 MB unpacked
}

TEST(ResultsFile, TheSameValuesGiveTheSameBytes) {
  const Scratch scratch;
  write_results(scratch.path("first.h5"), sample_results());
  const std::vector<char> dirt(1 << 22, 'x');  // whatever memory the library gets next is not zero
  std::vector<char>(dirt).clear();
  sleep(1);  // a time stamp in seconds would differ
  write_results(scratch.path("second.h5"), sample_results());
  EXPECT_EQ(read_file(scratch.path("first.h5")), read_file(scratch.path("second.h5")));
  Results other = sample_results();
  other.experiments[0].models[0].correct[15] += 1;
  write_results(scratch.path("third.h5"), other);
  EXPECT_NE(read_file(scratch.path("first.h5")), read_file(scratch.path("third.h5")));
}

TEST(ResultsFile, RefusesTablesThatDoNotFillTheirShape) {
  const Scratch scratch;
  const std::string path = scratch.path("results.h5");
  Results results = sample_results();
  results.experiments[0].models[1].correct.pop_back();
  EXPECT_EQ(message_of<Failure>([&] { write_results(path, results); }),
            path + ":/experiments/sample/models/deepfogguard/correct: 15 values for shape [2, 8]");
  EXPECT_EQ(scratch.files(), 0U);
}

TEST(ResultsFile, RefusesNamesThatHDF5TakesForPaths) {
  const Scratch scratch;
  Results results = sample_results();
  results.experiments[0].models[0].name = "vanilla/b";
  EXPECT_EQ(message_of<Failure>([&] { write_results(scratch.path("r.h5"), results); }),
            scratch.path("r.h5") + ":/experiments/sample/models: 'vanilla/b' cannot name an HDF5 object");
  results.experiments[0].models[0].name = results.experiments[0].models[1].name;
  EXPECT_NE(message_of<Failure>([&] { write_results(scratch.path("r.h5"), results); }), "nothing was thrown");
  EXPECT_EQ(scratch.files(), 0U);
}

TEST(ResultsFile, AFailingDiskLeavesTheOldFile) {
  const Scratch scratch;
  const std::string path = scratch.path("results.h5");
  write_results(path, sample_results());
  const std::string before = read_file(path);
  for (const rlim_t limit :
       {rlim_t{0}, static_cast<rlim_t>(before.size() / 2), static_cast<rlim_t>(before.size() - 1)}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit size{limit, limit};
      if (setrlimit(RLIMIT_FSIZE, &size) != 0) _exit(2);
      const std::string message = message_of<Failure>([&] { write_results(path, sample_results()); });
      exit(message == path + ": cannot be written: File too large" ? 0 : 1);  // with HDF5's own ending
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << limit;
    EXPECT_EQ(read_file(path), before);
    EXPECT_EQ(scratch.files(), 1U);
  }
}

}  // namespace
}  // namespace deepfog
