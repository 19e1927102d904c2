#include "inference/random_script.hpp"

#include <cstddef>
#include <vector>

#include "core/seed.hpp"

namespace deepfog {
namespace {

/// Written without the library's failure script code, which it serves to test.
class Maker {
 public:
  Maker(const Topology& topology, std::uint64_t seed, std::int64_t rounds, const RandomScriptOptions& options)
      : draw_(seed), rounds_(rounds), options_(options) {
    const int last = topology.stages().back().node;
    for (std::size_t i = 0; i < topology.nodes().size(); ++i) {
      nodes_.push_back(topology.nodes()[i].name);
      if (static_cast<int>(i) != last) mortal_.push_back(nodes_.back());
    }
    for (const auto& link : topology.hyperconnections()) {
      if (topology.is_source(link.from)) continue;
      const auto& from = topology.stages()[static_cast<std::size_t>(topology.stage_of(link.from))];
      const auto& to = topology.stages()[static_cast<std::size_t>(topology.stage_of(link.to))];
      if (from.node != to.node) links_.push_back(from.name + "->" + to.name);
    }
  }

  std::string text() {
    std::string result = "seed " + std::to_string(draw_.next()) + "\n";
    const auto events = 1 + below(options_.most_events);
    for (std::int64_t i = 0; i < events; ++i) result += event();
    return result;
  }

 private:
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(draw_.below(static_cast<std::uint64_t>(bound)));
  }
  const std::string& one_of(const std::vector<std::string>& names) {
    return names[draw_.below(names.size())];
  }
  std::string round() { return " round " + std::to_string(below(rounds_)); }
  std::string rounds() {
    const auto first = below(rounds_);
    std::string text = " rounds " + std::to_string(first);
    if (draw_.uniform() < 0.2) return text + "..";
    return text + ".." + std::to_string(first + below(rounds_ - first));
  }
  std::string time() { return std::to_string(1 + below(options_.longest_us)) + "us"; }
  std::string chance() { return draw_.uniform() < 0.3 ? "" : " with 0." + std::to_string(1 + below(99)); }

  std::string event() {
    std::vector<char> kinds;
    if (options_.kills && !mortal_.empty()) kinds.push_back('k');
    if (options_.hangs) kinds.push_back('h');
    if (options_.silences) kinds.push_back('s');
    if (options_.slowness) kinds.push_back('w');
    if (options_.losses && !links_.empty()) kinds.push_back('l');
    if (options_.delays && !links_.empty()) kinds.push_back('d');
    if (kinds.empty()) return "";
    switch (kinds[draw_.below(kinds.size())]) {
      case 'k': {
        const auto who = mortal_.begin() + below(static_cast<std::int64_t>(mortal_.size()));
        const std::string name = *who;
        mortal_.erase(who);
        return "crash " + name + round() + "\n";
      }
      case 'h':
        return "hang " + one_of(nodes_) + round() + " for " + time() + "\n";
      case 's':
        return "silence " + one_of(nodes_) + rounds() + "\n";
      case 'w':
        return "slow " + one_of(nodes_) + rounds() + " by " + time() + "\n";
      case 'l':
        return "lose " + one_of(links_) + rounds() + chance() + "\n";
      default:
        return "delay " + one_of(links_) + rounds() + " by " + time() + chance() + "\n";
    }
  }

  RandomStream draw_;
  std::int64_t rounds_;
  RandomScriptOptions options_;
  std::vector<std::string> nodes_, mortal_, links_;
};

}  // namespace

std::string random_script(const Topology& topology, std::uint64_t seed, std::int64_t rounds,
                          const RandomScriptOptions& options) {
  return Maker(topology, seed, rounds, options).text();
}

}  // namespace deepfog
