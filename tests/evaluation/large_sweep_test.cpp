// Networks of more than dense layers and sums with more failing nodes than a table of combinations takes.
#include <gtest/gtest.h>

#include "../models/small_ddnn.hpp"
#include "core/seed.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "resilience/flow.hpp"
#include "resilience/partial_diagram.hpp"

namespace deepfog {
namespace {

using test::SmallDdnn;

/// A DDNN whose devices read an image each, in front of a gateway with an exit and a cloud.
std::string ddnn(int devices) {
  std::string text = "topology devices\n", fails = "fails";
  for (int i = 1; i <= devices; ++i) {
    const std::string d = "d" + std::to_string(i), s = "s" + std::to_string(i),
                      cam = "cam" + std::to_string(i);
    text += "source " + cam + " 1x2x2\nnode " + d + " binary-conv:1\nstage " + s + " on " + d +
            " binary-linear:2\nlink " + cam + " -> " + d + "\nlink " + d + " -> " + s + "\nlink " + s +
            " -> local\nlink " + d + " -> cloud\nsummary " + s + "\n";
    fails += " " + d;
  }
  return text + "node gateway\nstage local on gateway max\nnode cloud concat norm-linear:2\n" +
         "exit local threshold=0.8\nexit cloud\n" + fails + "\n";
}

/// A chain of separable convolutions in which every node also reads the one before the last.
std::string separable_chain(int nodes) {
  std::string text = "topology chain\nsource image 1x4x4\n", fails = "fails";
  for (int i = 1; i <= nodes; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += "node " + name + (i == 1 ? " conv3:2\n" : i < nodes ? " separable:2\n" : " linear:3\n");
    text += "link " + (i == 1 ? "image" : "n" + std::to_string(i - 1)) + " -> " + name + "\n";
    if (i > 2) text += "link n" + std::to_string(i - 2) + " -> " + name + " skip\n";
    if (i < nodes) fails += " " + name;
  }
  return text + fails + "\n";
}

/// Row r of the counts by class equals row k + 1 of the plain loop over drawn combinations.
void expect_row(const SweepCounts& classes, std::size_t of, const SweepCounts& loop, std::size_t row) {
  const auto part = [](const std::vector<std::int64_t>& list, std::size_t rows, std::size_t at) {
    const auto width = static_cast<std::ptrdiff_t>(list.size() / rows), i = static_cast<std::ptrdiff_t>(at);
    return std::vector<std::int64_t>(list.begin() + i * width, list.begin() + (i + 1) * width);
  };
  const std::size_t all = classes.correct.size(), drawn = loop.correct.size();
  EXPECT_EQ(classes.correct[of], loop.correct[row]) << of;
  EXPECT_EQ(part(classes.confusion, all, of), part(loop.confusion, drawn, row)) << of;
  const auto one = lists_of(classes.exits);
  const auto other = lists_of(loop.exits);
  for (std::size_t l = 0; l < one.size(); ++l)
    EXPECT_EQ(part(*one[l], all, of), part(*other[l], drawn, row)) << of << " list " << l;
  for (std::int64_t s = 0; of != 0 && s < classes.samples; ++s) {
    EXPECT_EQ(classes.right.get(static_cast<std::int64_t>(of) - 1, s),
              loop.right.get(static_cast<std::int64_t>(row) - 1, s))
        << of << " sample " << s;
  }
}

/// 200 of 2^n, those of no and of all nodes among them.
std::vector<Combination> draw(const Topology& topology) {
  RandomStream stream(9);
  std::vector<Combination> drawn{0, all_alive(topology.failing())};
  while (drawn.size() < 200) drawn.push_back(stream.below(std::uint64_t{1} << topology.failing()));
  return drawn;
}

/// The table of classes against the plain loop.
void expect_recounted(const SmallDdnn& p, const std::vector<Combination>& drawn,
                      const std::vector<std::int32_t>& class_of, const SweepCounts& classes) {
  const SweepCounts loop = recount(p.topology, p.columns, p.weights, view(p.set), drawn, {true, true});
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    const std::int32_t of = class_of[k];
    ASSERT_EQ(of != 0, flows(p.topology, drawn[k])) << drawn[k];
    ASSERT_NO_FATAL_FAILURE(expect_row(classes, static_cast<std::size_t>(of), loop, k + 1));
    if (testing::Test::HasFailure()) return;
  }
}

void expect_recounted(const SmallDdnn& p, const Diagram& diagram, const SweepCounts& classes) {
  const std::vector<Combination> drawn = draw(p.topology);
  std::vector<std::int32_t> class_of;
  for (const Combination combination : drawn) class_of.push_back(diagram.class_of(combination));
  expect_recounted(p, drawn, class_of, classes);
}

TEST(LargeSweep, ASeparableChainOfTwentyNodesWithSkips) {
  const SmallDdnn p(separable_chain(21), 3, 40);
  ASSERT_EQ(p.topology.failing(), 20);
  const Diagram diagram(p.topology);
  DiagramSweep sweep(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 28);
  sweep.add(view(p.set));
  expect_recounted(p, diagram, sweep.counts());
}

void expect_whole_table(int devices, std::int64_t samples) {
  const SmallDdnn p(ddnn(devices), 4, samples);
  const Diagram diagram(p.topology);
  ASSERT_EQ(diagram.last_classes(), (1 << devices) - 1) << "every combination but that of no device";
  DiagramSweep sweep(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 30);
  sweep.add(view(p.set));
  expect_recounted(p, diagram, sweep.counts());
}

TEST(LargeSweep, ADdnnOfTwelveDevices) {
  expect_whole_table(12, 20);
}

/// The whole table of 2^20 classes takes minutes: --gtest_also_run_disabled_tests.
TEST(LargeSweep, DISABLED_ADdnnOfTwentyDevices) {
  expect_whole_table(20, 3);
}

/// The classes of the drawn combinations alone.
TEST(LargeSweep, DrawnClassesOfADdnnOfTwentyDevices) {
  const SmallDdnn p(ddnn(20), 4, 70);
  PartialDiagram diagram(p.topology);
  const std::vector<Combination> drawn = draw(p.topology);
  const std::vector<std::int32_t> classes = diagram.append(drawn);
  DiagramSweep sweep(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 28);
  sweep.add(view(p.set));
  expect_recounted(p, drawn, classes, sweep.counts());
}

TEST(LargeSweep, LittleMemoryChangesNothing) {
  const SmallDdnn p(ddnn(6), 5, 300);
  const Diagram diagram(p.topology);
  DiagramSweep whole(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 1 << 30);
  DiagramSweep ranges(p.topology, p.columns, p.weights, diagram.stages(), {true, true}, 200'000);
  whole.add(view(p.set));
  ranges.add(view(p.set));
  EXPECT_EQ(whole.counts().confusion, ranges.counts().confusion);
  EXPECT_TRUE(whole.counts().right == ranges.counts().right);
  const auto one = lists_of(whole.counts().exits), other = lists_of(ranges.counts().exits);
  for (std::size_t l = 0; l < one.size(); ++l) EXPECT_EQ(*one[l], *other[l]);
}

}  // namespace
}  // namespace deepfog
