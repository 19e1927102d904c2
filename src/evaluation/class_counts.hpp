#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/diagram_sweep.hpp"

namespace deepfog {

/// The classes of the last stage beyond the first `known_last`, in order, with of every other stage what they
/// need and nothing else; renumbered from 1.
std::vector<StageClasses> needed_classes(const Topology& topology, const std::vector<StageClasses>& stages,
                                         std::int64_t known_last);

/// Correct predictions under the classes of the last stage beyond the first `known_last`, for a diagram that
/// grows: [stages.back().count - known_last].
std::vector<std::int64_t> sweep_new_classes(const Topology& topology, const std::vector<Columns>& columns,
                                            const Weights& weights, const SampleView& samples,
                                            const std::vector<StageClasses>& stages, std::int64_t known_last,
                                            std::int64_t memory_bytes);

}  // namespace deepfog
