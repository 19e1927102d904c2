#include "distributed/sample_window.hpp"

#include <gtest/gtest.h>

#include "distributed/rank_interfaces.hpp"
#include "trained_files.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kRowBytes = 5 * 4;

class SampleWindowTest : public test::TrainedFiles {};

void expect_equal(const SampleView& found, const SampleSet& all, std::int64_t first) {
  for (std::int64_t row = 0; row < found.size; ++row) {
    EXPECT_EQ(found.labels[row], all.labels[std::size_t(first + row)]);
    for (std::int64_t i = 0; i < all.features; ++i)
      ASSERT_EQ(found.values[row * all.features + i],
                all.values[std::size_t((first + row) * all.features + i)]);
  }
}

TEST_F(SampleWindowTest, GivesTheSameRowsWhateverIsInMemory) {
  const Job job = load_job(spec);
  const SampleSet all = job.read_samples();
  ASSERT_EQ(all.size(), 4);
  for (const std::int64_t bytes :
       {std::int64_t{1}, 16 * kRowBytes, 32 * kRowBytes, SampleWindow::kMostBytes}) {
    SampleWindow window(job, bytes);
    for (const auto& [first, rows] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 1}, {1, 1}, {2, 2}, {0, 4}, {3, 1}, {0, 2}, {1, 2}}) {
      const SampleView found = window.rows(first, rows);
      ASSERT_EQ(found.size, rows);
      expect_equal(found, all, first);
    }
  }
}

TEST_F(SampleWindowTest, KeepsSmallSetsWholeAndLargeOnesInParts) {
  const Job job = load_job(spec);
  SampleWindow whole(job, 4 * kRowBytes), part(job, 4 * kRowBytes - 1);
  whole.rows(2, 1);
  EXPECT_EQ(whole.set().size(), 4);
  EXPECT_EQ(whole.begin(), 0);
  part.rows(2, 1);
  EXPECT_EQ(part.set().size(), 1);
  EXPECT_EQ(part.begin(), 2);
  part.rows(1, 3);
  EXPECT_EQ(part.set().size(), 3);
}

TEST_F(SampleWindowTest, RowsFarApartAreReadOneByOne) {
  spec.samples = 2;
  const Job job = load_job(spec);
  ASSERT_EQ(job.stride, 2);
  const SampleSet together = job.read_samples(), apart = job.read_samples(0, 2, 0),
                  last = job.read_samples(1, 2, 0);
  EXPECT_EQ(apart.values, together.values);
  EXPECT_EQ(apart.labels, together.labels);
  EXPECT_EQ(last.labels, (std::vector<std::int64_t>{together.labels[1]}));
  EXPECT_FLOAT_EQ(last.values[0], 50.25F);
}

TEST_F(SampleWindowTest, ASensorDeliversItsColumns) {
  const Job job = load_job(spec);
  const SampleSet all = job.read_samples();
  const NodeLinks node_links(job.topology, 0);
  for (const std::int64_t bytes : {std::int64_t{1}, SampleWindow::kMostBytes}) {
    RankSamples samples(job, node_links, bytes);
    for (const std::int64_t first : {0, 2, 1, 3}) {
      const std::int64_t rows = first == 1 ? 3 : 1;
      for (int source = 0; source < 2; ++source) {
        const float* found = samples.rows(source, first, rows);
        const Columns columns = job.columns[std::size_t(source)];
        const std::int64_t width = columns.end - columns.begin;
        for (std::int64_t i = 0; i < rows * width; ++i) {
          const std::int64_t row = first + i / width, column = columns.begin + i % width;
          ASSERT_EQ(found[i], all.values[std::size_t(row * 5 + column)])
              << source << " " << first << " " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace deepfog
