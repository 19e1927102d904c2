#include "partition/simulated_cut.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "models/node_network.hpp"

namespace deepfog {
namespace {

/// The columns of a source, [rows, width].
std::vector<float> columns_of(const SampleView& samples, const Columns& columns) {
  std::vector<float> values;
  for (std::int64_t row = 0; row < samples.size; ++row) {
    const float* at = samples.values + row * samples.features;
    values.insert(values.end(), at + columns.begin, at + columns.end);
  }
  return values;
}

std::vector<std::int64_t> largest(const std::vector<float>& scores, std::int64_t classes) {
  std::vector<std::int64_t> labels;
  for (auto row = scores.begin(); row != scores.end(); row += classes)
    labels.push_back(largest_score(&*row, classes));
  return labels;
}

}  // namespace

SimulatedCut::SimulatedCut(const Topology& topology, const std::vector<Columns>& columns, const CnnSpec& spec,
                           const Partition& partition, const std::function<Weights(int node)>& weights_of,
                           const std::string& where)
    : topology_(topology), columns_(columns), last_use_(topology.stages().size(), 0) {
  for (int node = 0; node < static_cast<int>(topology.nodes().size()); ++node) {
    nodes_.emplace_back(topology, node, spec, partition, weights_of(node), where);
  }
  for (const Hyperconnection& link : topology.hyperconnections()) {
    if (topology.is_source(link.from)) continue;
    int& last = last_use_[static_cast<std::size_t>(topology.stage_of(link.from))];
    last = std::max(last, topology.stage_of(link.to));
  }
}

/// @param used  predicate of (hyperconnection, whether its sender has an output): whether the receiver uses
///              it
template <class Used>
std::vector<float> SimulatedCut::walk(const SampleView& samples, const Used& used) {
  std::vector<std::vector<float>> values(static_cast<std::size_t>(topology_.vertices()));
  for (std::size_t s = 0; s < columns_.size(); ++s) values[s] = columns_of(samples, columns_[s]);
  std::vector<const float*> inputs;
  for (int s = 0; s < static_cast<int>(topology_.stages().size()); ++s) {
    const Stage& stage = topology_.stages()[static_cast<std::size_t>(s)];
    inputs.clear();
    for (const int link : stage.incoming) {
      const Hyperconnection& h = topology_.hyperconnections()[static_cast<std::size_t>(link)];
      const std::vector<float>& from = values[static_cast<std::size_t>(h.from)];
      inputs.push_back(used(link, !from.empty()) && !from.empty() ? from.data() : nullptr);
    }
    nodes_[static_cast<std::size_t>(stage.node)].run(
        s, inputs, samples.size, values[static_cast<std::size_t>(topology_.vertex_of(s))], {});
    for (int earlier = 0; earlier < s; ++earlier) {
      auto& done = values[static_cast<std::size_t>(topology_.vertex_of(earlier))];
      if (last_use_[static_cast<std::size_t>(earlier)] <= s) std::vector<float>().swap(done);
    }
  }
  std::vector<float>& scores = values.back();
  if (!scores.empty())
    scores.resize(static_cast<std::size_t>(samples.size * topology_.classes()));  // drops the flags
  return std::move(scores);
}

std::vector<float> SimulatedCut::scores(const SampleView& samples, Combination combination) {
  return walk(samples, [&](int link, bool) {
    const Hyperconnection& h = topology_.hyperconnections()[static_cast<std::size_t>(link)];
    const Stage& to = topology_.stages()[static_cast<std::size_t>(topology_.stage_of(h.to))];
    return alive(combination, topology_.nodes()[static_cast<std::size_t>(to.node)].position);
  });
}

std::vector<std::int64_t> SimulatedCut::labels(const SampleView& samples, Combination combination) {
  return largest(scores(samples, combination), topology_.classes());
}

std::vector<std::int64_t> SimulatedCut::labels_over(const SampleView& samples,
                                                    const std::vector<std::uint8_t>& used) {
  if (used.size() != topology_.hyperconnections().size()) {
    throw Failure(topology_.name() + ": " + std::to_string(used.size()) + " entries for " +
                  std::to_string(topology_.hyperconnections().size()) + " hyperconnections");
  }
  const std::vector<float> scores = walk(samples, [&](int link, bool sent) {
    const auto index = static_cast<std::size_t>(link);
    if (used[index] != 0 && !sent) {
      const Hyperconnection& h = topology_.hyperconnections()[index];
      throw Failure(topology_.name() + ": " + topology_.vertex_name(h.from) + " -> " +
                    topology_.vertex_name(h.to) + " was used, but its sender has no output");
    }
    return used[index] != 0;
  });
  return largest(scores, topology_.classes());
}

}  // namespace deepfog
