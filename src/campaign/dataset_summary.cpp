#include "campaign/dataset_summary.hpp"

#include "evaluation/sweep.hpp"

namespace deepfog {

DatasetSummary summarise(const Dataset& dataset, const std::string& guess) {
  DatasetSummary summary;
  summary.name = dataset.name;
  summary.origin = dataset.origin;
  summary.content_sha256 = dataset.content_sha256;
  summary.split = dataset.split;
  summary.classes = dataset.classes();
  summary.train_samples = dataset.train.size();
  summary.validation_samples = dataset.validation.size();
  summary.test_samples = dataset.test.size();
  summary.test_class_counts.resize(static_cast<std::size_t>(summary.classes));
  for (const std::int64_t label : dataset.test.labels) {
    ++summary.test_class_counts.at(static_cast<std::size_t>(label));
    summary.test_labels.push_back(static_cast<std::int32_t>(label));
  }
  summary.guess_probabilities = guess_probabilities(dataset, guess);
  summary.guess_accuracy = guess_accuracy(dataset, summary.guess_probabilities);
  return summary;
}

}  // namespace deepfog
