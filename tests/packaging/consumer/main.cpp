#include <cmath>
#include <iostream>
#include <vector>

#include "resilience/combination.hpp"
#include "resilience/flow.hpp"
#include "topology/topology.hpp"

/// How probable it is that anything reaches the last node, when `near` survives with .9 and `middle` with .7.
int main(int, char** argv) {
  const deepfog::Topology topology = deepfog::load_topology(argv[1]);
  const auto flows = deepfog::flow_table(topology);
  const double flow = deepfog::average(std::vector<double>(flows.begin(), flows.end()), {.9, .7});
  std::cout << flow << "\n";
  return std::abs(flow - .97) < 1e-12 ? 0 : 1;
}
