#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/samples.hpp"

namespace deepfog {

/// What the campaign must know of a data set without holding its samples.
struct DatasetSummary {
  std::string name, origin, content_sha256, split;
  std::int64_t classes = 0, train_samples = 0, validation_samples = 0, test_samples = 0;
  std::vector<std::int64_t> test_class_counts;  ///< [classes]
  std::vector<std::int32_t> test_labels;        ///< [test_samples]
  std::vector<double> guess_probabilities;      ///< [classes]
  double guess_accuracy = 0;
};

/// @param guess  uniform | class_frequency
DatasetSummary summarise(const Dataset& dataset, const std::string& guess);

}  // namespace deepfog
