#include "distributed/hops.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "comm/ping_pong.hpp"
#include "inference/message.hpp"
#include "inference/node_links.hpp"

namespace deepfog {
namespace {

constexpr int kRepetitions = 100, kFewestRepetitions = 5;
constexpr std::size_t kBytesAPair = 32U << 20;  ///< large messages are exchanged fewer times
constexpr std::chrono::seconds kTimeout{20};    ///< for all links: a peer may have other links to measure
                                                ///< first
constexpr std::size_t kMostMeasured = 64;       ///< beyond this number, one per pair of nodes

}  // namespace

std::vector<int> measured_links(const Topology& topology) {
  std::vector<int> carrying;
  for (int link = 0; link < static_cast<int>(topology.hyperconnections().size()); ++link) {
    if (!is_local(topology, link)) carrying.push_back(link);
  }
  if (carrying.size() <= kMostMeasured) return carrying;
  std::map<std::pair<int, int>, int> widest;
  const auto width = [&](int link) {
    return topology.hyperconnections()[static_cast<std::size_t>(link)].width;
  };
  for (const int link : carrying) {
    const auto [entry, first] =
        widest.emplace(std::make_pair(sending_node(topology, link), receiving_node(topology, link)), link);
    if (!first && width(link) > width(entry->second)) entry->second = link;
  }
  std::vector<int> measured;
  for (const auto& [pair, link] : widest) measured.push_back(link);
  std::sort(measured.begin(), measured.end());
  return measured;
}

std::vector<Hop> measure_hops(const Communicator& world, const Topology& topology, std::int64_t batch,
                              int groups) {
  const Communicator own = world.duplicate();
  const int nodes = static_cast<int>(topology.nodes().size());
  const int group = own.rank() / nodes, first = group * nodes;
  const int links = static_cast<int>(topology.hyperconnections().size());
  const Deadline deadline = Deadline::in(kTimeout);
  std::ostringstream found;
  found.precision(17);
  for (const int link : measured_links(topology)) {
    if (group >= groups) break;
    const int from = first + sending_node(topology, link), to = first + receiving_node(topology, link);
    if (own.rank() != from && own.rank() != to) continue;
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(link)];
    const std::size_t bytes = message_overhead(links) + payload_bytes(form_of(h), batch, batch, h.width);
    const int repetitions =
        std::clamp(static_cast<int>(kBytesAPair / (2 * bytes)), kFewestRepetitions, kRepetitions);
    const auto us = half_round_trip_us(own, from, to, bytes, repetitions, deadline, link);
    if (us && own.rank() == from) found << group << ' ' << link << ' ' << bytes << ' ' << *us << '\n';
  }
  std::string all;
  for (const std::string& text : gather(own, found.str())) all += text;
  std::istringstream lines(broadcast(own, all));
  std::vector<Hop> hops;
  int of_group = 0;
  for (Hop hop; lines >> of_group >> hop.link >> hop.bytes >> hop.half_round_trip_us;) {
    if (of_group == group) hops.push_back(hop);
  }
  return hops;
}

}  // namespace deepfog
