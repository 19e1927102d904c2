#include <gtest/gtest.h>

#include "evaluation/diagram_sweep.hpp"
#include "sweep_problem.hpp"

namespace deepfog {
namespace {

TEST(NeededClasses, NewClassesCountAsInTheWholeDiagram) {
  int split = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const SweepProblem p = random_problem(seed, 50);
    const Diagram diagram(p.topology);
    DiagramSweep whole(p.topology, p.columns, p.weights, diagram.stages(), false, 1 << 28);
    whole.add(view(p.samples));
    const std::vector<std::int64_t>& all = whole.counts().correct;
    for (const std::int64_t known :
         {std::int64_t{0}, diagram.last_classes() / 2, diagram.last_classes() - 1}) {
      const auto counts = sweep_new_classes(p.topology, p.columns, p.weights, view(p.samples),
                                            diagram.stages(), known, 1 << 28);
      EXPECT_EQ(counts, std::vector<std::int64_t>(all.begin() + 1 + known, all.end())) << seed;
      split += known > 0;
    }
  }
  EXPECT_GT(split, 20);
}

TEST(NeededClasses, OnlyWhatIsNeededIsEvaluated) {
  const Topology chain = load_topology(DEEPFOG_SOURCE_DIR "/configs/topologies/chain-with-skips-8.topology");
  const Diagram diagram(chain);
  const auto one =
      needed_classes(chain, diagram.stages(), diagram.last_classes() - 1, diagram.last_classes());
  std::int64_t evaluations = 0;
  for (std::size_t s = 0; s < one.size(); ++s) {
    EXPECT_LE(one[s].count, 1);
    EXPECT_EQ(one[s].inputs.size(), one[s].count * chain.stages()[s].incoming.size());
    evaluations += one[s].count;
  }
  EXPECT_EQ(one.back().count, 1);
  EXPECT_LE(evaluations, static_cast<std::int64_t>(chain.stages().size()));
  const auto all = needed_classes(chain, diagram.stages(), 0, diagram.last_classes());
  for (std::size_t s = 0; s < all.size(); ++s) EXPECT_EQ(all[s].inputs, diagram.stages()[s].inputs);
}

}  // namespace
}  // namespace deepfog
