#include "distributed/plan.hpp"

#include <algorithm>
#include <sstream>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

constexpr int kMostWalked = 12;  ///< most failing nodes for a plan with all combinations
constexpr std::int64_t kUsualTimeoutUs = 50'000, kWalkTimeoutUs = 2'000'000;

Combination everybody(const Topology& topology) {
  return topology.failing() >= 64 ? ~Combination{0} : (Combination{1} << topology.failing()) - 1;
}

Combination without(const Topology& topology, const std::string& names, const std::string& option) {
  Combination combination = everybody(topology);
  std::istringstream words(names);
  for (std::string name; std::getline(words, name, ',');) {
    const auto& known = topology.failing_names();
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end())
      throw UserError(option + " " + names, "\"" + name + "\" is no node that can fail",
                      listing(known) + " allowed");
    combination &= ~(Combination{1} << (found - known.begin()));
  }
  return combination;
}

std::string time_words(std::int64_t us) {
  if (us % 1'000'000 == 0) return std::to_string(us / 1'000'000) + "s";
  if (us % 1'000 == 0) return std::to_string(us / 1'000) + "ms";
  return std::to_string(us) + "us";
}

Phase usual_phase(const DistributedSpec& spec, std::int64_t samples) {
  Phase phase;
  phase.name = "no failure";
  phase.timeout_us = spec.timeouts_us.empty() ? kUsualTimeoutUs : spec.timeouts_us.front();
  phase.adaptive = spec.adaptive;
  phase.script = !spec.script.empty();
  if (phase.script) phase.name = "script";
  phase.samples = samples;
  return phase;
}

std::vector<Phase> walk(const DistributedSpec& spec, const Topology& topology, std::int64_t samples) {
  if (topology.failing() > kMostWalked) {
    throw UserError("--failures all",
                    "2^" + std::to_string(topology.failing()) + " combinations are too many to walk through",
                    "up to " + std::to_string(kMostWalked) + " nodes that can fail; deepfog run sweeps more");
  }
  std::vector<Phase> plan;
  const Combination all = everybody(topology);
  for (Combination i = 0; i <= all; ++i) {
    Phase phase = usual_phase(spec, samples);
    phase.combination = all & ~(i ^ (i >> 1U));
    phase.name = alive_names(topology, phase.combination);
    if (spec.timeouts_us.empty()) phase.timeout_us = kWalkTimeoutUs;
    phase.settle = true;
    plan.push_back(phase);
  }
  return plan;
}

/// The failure script's name in the figure of the study; scripts that only slow nodes down are called
/// straggler.
std::string script_name(const std::string& script) {
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("slow", 0) != 0 && !line.empty()) return "script";
  }
  return "straggler";
}

std::vector<Phase> study(const DistributedSpec& spec, const Topology& topology, std::int64_t samples) {
  std::vector<Phase> plan;
  for (const std::string& variant : spec.variants) {
    for (const std::int64_t timeout_us : spec.timeouts_us) {
      Phase phase = usual_phase(spec, samples);
      phase.timeout_us = timeout_us;
      phase.suspects = false;
      phase.script = variant == "script";
      std::string name = variant == "none" ? "no failure" : phase.script ? script_name(spec.script) : variant;
      if (variant != "none" && variant != "script") {
        phase.combination = without(topology, variant, "--variants");
        name += " dead";
      }
      phase.name = name + "@" + time_words(timeout_us);
      plan.push_back(phase);
    }
  }
  return plan;
}

}  // namespace

std::string scenario_word(Scenario scenario) {
  switch (scenario) {
    case Scenario::single_stream:
      return "single-stream";
    case Scenario::offline:
      return "offline";
    case Scenario::server:
      return "server";
  }
  return "";
}

std::string alive_names(const Topology& topology, Combination combination) {
  if (combination == everybody(topology)) return "all alive";
  std::string names;
  for (int i = 0; i < topology.failing(); ++i) {
    if (alive(combination, i)) continue;
    names += (names.empty() ? "" : "+") + topology.failing_names()[static_cast<std::size_t>(i)];
  }
  return names + " dead";
}

std::vector<Phase> make_plan(const DistributedSpec& spec, const Topology& topology,
                             std::int64_t test_samples) {
  if (spec.samples > test_samples) {
    throw UserError("--samples " + std::to_string(spec.samples), "the test split has fewer",
                    "1 to " + std::to_string(test_samples) + " allowed");
  }
  const std::int64_t samples = spec.samples == 0 ? test_samples : spec.samples;
  if (spec.timeouts_us.size() > 1) {
    if (spec.failures != "none")
      throw UserError("--failures " + spec.failures, "does not go with several timeouts",
                      "--variants allowed");
    return study(spec, topology, samples);
  }
  if (spec.failures == "all") return walk(spec, topology, samples);
  Phase phase = usual_phase(spec, samples);
  if (spec.failures != "none") {
    phase.combination = without(topology, spec.failures, "--failures");
    phase.name = alive_names(topology, phase.combination);
    phase.settle = true;
  }
  return {phase};
}

}  // namespace deepfog
