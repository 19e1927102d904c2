#include "resilience/class_accuracies.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "networks.hpp"
#include "path_counter.hpp"

namespace deepfog {
namespace {

TEST(ClassAccuracies, EvaluatesEachClassOnce) {
  const Topology camera = shipped("camera-deepfogguard");
  PathCounter network(camera);
  ClassAccuracies accuracies(camera, .25, std::ref(network));
  EXPECT_EQ(accuracies.of({all_alive(8), 0, all_alive(8)}), (std::vector<double>{1, .25, 1}));
  EXPECT_EQ(network.calls, 1);
  EXPECT_EQ(accuracies.of({0, all_alive(8)}), (std::vector<double>{.25, 1}));
  EXPECT_EQ(network.calls, 1);
  std::vector<Combination> all;
  for (Combination c = 0; c < 256; ++c) all.push_back(c);
  const auto table = accuracies.of(all);
  EXPECT_EQ(network.calls, 2);
  EXPECT_EQ(network.misfits, 0);
  EXPECT_EQ(accuracies.values().size(), 104u);
  // Without f1 the cloud receives only f2, over the skip: 12 of the 30 paths from cameras.
  EXPECT_NEAR(table[0b11111110], 12.0 / 30, 1e-15);
}

std::string complaint(const EvaluateClasses& evaluate) {
  const Topology camera = shipped("camera-deepfogguard");
  ClassAccuracies accuracies(camera, .25, evaluate);
  try {
    accuracies.of({all_alive(8)});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ClassAccuracies, RefusesWhatIsNoAnswer) {
  const auto answer = [](const std::vector<double>& values) {
    return [values](const std::vector<StageClasses>&, const std::vector<std::int64_t>&) { return values; };
  };
  EXPECT_EQ(complaint(answer({.5})), "accepted");
  EXPECT_EQ(complaint(answer({})), "the evaluation of 1 classes returned 0 accuracies");
  EXPECT_EQ(complaint(answer({.5, .5})), "the evaluation of 1 classes returned 2 accuracies");
  EXPECT_EQ(complaint(answer({1.5})), "accuracy 1.500000 of a class (0 to 1)");
  EXPECT_EQ(complaint(answer({-.5})), "accuracy -0.500000 of a class (0 to 1)");
}

}  // namespace
}  // namespace deepfog
