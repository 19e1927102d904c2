#include <gtest/gtest.h>

#include "core/error.hpp"
#include "small_problem.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

Dataset by_hand() {
  Dataset dataset;
  dataset.train = {{1, 5, 3, 5}, {0, 1}, 2};  // columns (1, 3): mean 2, deviation 1; (5, 5): constant
  dataset.validation = {{2, 6}, {0}, 2};
  dataset.test = {{4, 4}, {1}, 2};
  return dataset;
}

TEST(Normalise, UsesTheTrainingSamplesForAllThree) {
  Dataset dataset = by_hand();
  normalise(dataset, "standard");
  EXPECT_EQ(dataset.train.values, (std::vector<float>{-1, 0, 1, 0}));
  EXPECT_EQ(dataset.validation.values, (std::vector<float>{0, 1}));  // a constant column is only centred
  EXPECT_EQ(dataset.test.values, (std::vector<float>{2, -1}));
}

TEST(Normalise, SamplesThatComeLaterAreTreatedAlike) {
  Dataset dataset = by_hand();
  SampleSet later = dataset.test;
  dataset.test.values.clear();  // left in the file
  const Normalisation normalisation = normalise(dataset, "standard");
  EXPECT_TRUE(dataset.test.values.empty());
  normalisation.apply(later);
  EXPECT_EQ(later.values, (std::vector<float>{2, -1}));
}

TEST(Normalise, NoneLeavesEverythingAlone) {
  Dataset dataset = by_hand();
  normalise(dataset, "none");
  EXPECT_EQ(dataset.train.values, by_hand().train.values);
}

TEST(Normalise, OtherWordsAreRefused) {
  Dataset dataset = by_hand();
  EXPECT_THROW(normalise(dataset, "minmax"), UserError);
}

TEST(Numerics, TheBlasIsNamedByItsRealPath) {
  const NumericsInfo info = numerics_info();
  EXPECT_FALSE(info.torch_version.empty());
  EXPECT_EQ(info.blas_library.front(), '/') << info.blas_library;
}

}  // namespace
}  // namespace deepfog
