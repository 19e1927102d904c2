#include "resilience/flow.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace deepfog {
namespace {

/// 64 combinations per word: bit j is the combination with index 64 * block + j.
using Lanes = std::uint64_t;

/// In which of a block's 64 combinations the node at a position is alive.
Lanes alive_lanes(int position, std::uint64_t block) {
  static constexpr Lanes kLow[6] = {0xaaaaaaaaaaaaaaaaULL, 0xccccccccccccccccULL, 0xf0f0f0f0f0f0f0f0ULL,
                                    0xff00ff00ff00ff00ULL, 0xffff0000ffff0000ULL, 0xffffffff00000000ULL};
  if (position < 0) return ~Lanes{0};
  if (position < 6) return kLow[position];
  return alive(block, position - 6) ? ~Lanes{0} : 0;
}

/// The null-vector rule for a block: a stage emits if its node is alive and at least one input is not Φ. An
/// exit's verdict does not count as an input, since a gate only passes data on.
void propagate(const Topology& topology, std::uint64_t block, std::vector<Lanes>& emits) {
  const auto& links = topology.hyperconnections();
  for (std::size_t i = 0; i < topology.stages().size(); ++i) {
    const Stage& stage = topology.stages()[i];
    Lanes arrives = 0;
    for (const int link : stage.incoming) {
      if (links[static_cast<std::size_t>(link)].verdict) continue;
      const int from = links[static_cast<std::size_t>(link)].from;
      arrives |=
          topology.is_source(from) ? ~Lanes{0} : emits[static_cast<std::size_t>(topology.stage_of(from))];
    }
    const int position = topology.nodes()[static_cast<std::size_t>(stage.node)].position;
    emits[i] = arrives & alive_lanes(position, block);
  }
}

}  // namespace

std::vector<char> live_stages(const Topology& topology, Combination combination) {
  std::vector<Lanes> emits(topology.stages().size());
  propagate(topology, combination >> 6, emits);
  std::vector<char> live(emits.size());
  for (std::size_t i = 0; i < emits.size(); ++i)
    live[i] = static_cast<char>((emits[i] >> (combination & 63)) & 1);
  return live;
}

bool flows(const Topology& topology, Combination combination) {
  return live_stages(topology, combination).back() != 0;
}

std::vector<std::uint8_t> flow_table(const Topology& topology) {
  const int n = topology.failing();
  if (n > 30) {
    throw std::invalid_argument("a table over " + std::to_string(n) + " nodes that can fail (at most 30)");
  }
  std::vector<std::uint8_t> table(std::size_t{1} << n);
  std::vector<Lanes> emits(topology.stages().size());
  for (std::size_t first = 0; first < table.size(); first += 64) {
    propagate(topology, first / 64, emits);
    const std::size_t count = table.size() - first < 64 ? table.size() - first : 64;
    for (std::size_t j = 0; j < count; ++j)
      table[first + j] = static_cast<std::uint8_t>((emits.back() >> j) & 1);
  }
  return table;
}

}  // namespace deepfog
