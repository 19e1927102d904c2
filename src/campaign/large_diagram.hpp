#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "campaign/spec.hpp"
#include "topology/samples.hpp"
#include "topology/weights.hpp"

namespace deepfog {

/// What is known of the averages of a model whose failure diagram is too large.
struct LargeDiagramResult {
  struct Setting {
    double lower = 0, upper = 1, average = 0;  ///< lower <= average <= upper
    double explored = 0;  ///< probability of the combinations that were looked at one by one
    std::string method;   ///< "bounds", or how it was sampled
  };
  std::vector<Setting> settings;  ///< config order
  std::int64_t combinations = 0;  ///< looked at, over all settings
};

constexpr const char* method_bounds = "bounds";
constexpr const char* method_sampling = "sampling stratified by failures, 95 % interval";

/// Which settings reach the wanted width within the limits. Follows from the topology alone, so every run of
/// a model is treated alike. [settings]
std::vector<char> settings_that_close(const CampaignSpec& spec, const ExperimentSpec& experiment,
                                      const ModelSpec& model);

/// Calls with all test samples, in pieces, in order.
using TestSamples = std::function<void(const std::function<void(const SampleView&)>&)>;

/// Certified bounds of the settings marked in `close`, for all of them at once; the others are sampled.
/// @param dataset  normalised as the model wants it; its test samples come from `test`
LargeDiagramResult look_large_diagram(const CampaignSpec& spec, const ExperimentSpec& experiment,
                                      const ModelSpec& model, const Dataset& dataset, const TestSamples& test,
                                      const Weights& weights, const std::vector<char>& close,
                                      std::int64_t run, const Device& device = {});

}  // namespace deepfog
