#include "topology/random_topology.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/seed.hpp"

namespace deepfog {
namespace {

class Maker {
 public:
  Maker(std::uint64_t seed, const RandomTopologyOptions& options) : draw_(seed), options_(options) {}

  std::string text() {
    make_vertices();
    make_links();
    std::string result = "# random\n";
    for (const auto row : draw_.permutation(static_cast<std::int64_t>(lines_.size()))) {
      result += lines_[static_cast<std::size_t>(row)] + "\n";
    }
    return result;
  }

 private:
  int below(int bound) { return static_cast<int>(draw_.below(static_cast<std::uint64_t>(bound))); }
  bool chance(double share) { return draw_.uniform() < share; }
  std::string width() { return std::to_string(1 + below(9)); }

  std::string layers() {
    std::string result;
    if (options_.beyond_dense && chance(0.5)) result += " rescale";
    if (options_.beyond_dense && chance(0.4)) result += " residual:" + width();
    if (options_.beyond_dense && chance(0.4)) result += " dropout:0.3";
    result += " relu:" + width();
    if (chance(0.3)) result += "*" + std::to_string(1 + below(3));
    if (chance(0.3)) result += " linear:" + width();
    return result;
  }

  void make_vertices() {
    lines_.push_back("topology random");
    sources_ = 1 + below(3);
    for (int i = 0; i < sources_; ++i) {
      vertices_.push_back("s" + std::to_string(i));
      lines_.push_back("source " + vertices_.back() + " " + width());
    }
    const int failing = below(options_.most_failing + 1);
    std::vector<std::string> names, second_stages;
    for (int i = 0; i < failing; ++i) names.push_back("f" + std::to_string(i));
    if (chance(0.3)) names.push_back("sure");
    for (const auto i : draw_.permutation(static_cast<std::int64_t>(names.size()))) {
      make_node(names[static_cast<std::size_t>(i)], second_stages);
    }
    // A node's second stage comes later in the order, so information may leave a node and return to it.
    vertices_.insert(vertices_.end(), second_stages.begin(), second_stages.end());
    vertices_.push_back("last");
    lines_.push_back("node last" + (chance(0.5) ? layers() : "") +
                     " linear:" + std::to_string(options_.classes));
    if (failing == 0) return;
    std::string fails = "fails";
    for (const auto i : draw_.permutation(failing)) fails += " f" + std::to_string(i);
    lines_.push_back(fails);
  }

  void make_node(const std::string& name, std::vector<std::string>& second_stages) {
    if (!options_.shared_nodes || !chance(0.25)) {
      vertices_.push_back(name);
      lines_.push_back("node " + name + layers());
      return;
    }
    lines_.push_back("node " + name);
    vertices_.push_back(name + "-a");
    lines_.push_back("stage " + vertices_.back() + " on " + name + (chance(0.7) ? layers() : ""));
    second_stages.push_back(name + "-b");
    lines_.push_back("stage " + second_stages.back() + " on " + name + (chance(0.7) ? layers() : ""));
  }

  void link(int from, int to) {
    if (!linked_.insert({from, to}).second) return;
    std::string line = "link " + vertices_[static_cast<std::size_t>(from)] + " -> " +
                       vertices_[static_cast<std::size_t>(to)];
    if (to > from + 1 && chance(0.5)) line += " skip";
    if (options_.weights && chance(0.3)) {
      line += (chance(0.3) ? " weight=-" : " weight=") + std::to_string(1 + below(3)) + "." +
              std::to_string(below(10));
    }
    if (options_.linear_expansion && chance(0.2)) line += " expand=linear";
    lines_.push_back(line);
  }

  /// Mostly links between near vertices, so that failures often interrupt the flow, and some of any length.
  void make_links() {
    const int count = static_cast<int>(vertices_.size());
    const double density = chance(0.6) ? 0 : 0.3 * draw_.uniform();
    for (int to = sources_; to < count; ++to) link(to - 1 - below(std::min(to, 3)), to);
    for (int from = 0; from + 1 < count; ++from) {
      const int first = std::max(sources_, from + 1);
      link(from, first + below(std::min(count - first, 3)));
      for (int to = first; to < count; ++to) {
        if (chance(density)) link(from, to);
      }
    }
  }

  RandomStream draw_;
  RandomTopologyOptions options_;
  int sources_ = 0;
  std::vector<std::string> vertices_, lines_;
  std::set<std::pair<int, int>> linked_;
};

}  // namespace

std::string random_topology_text(std::uint64_t seed, const RandomTopologyOptions& options) {
  return Maker(seed, options).text();
}

}  // namespace deepfog
