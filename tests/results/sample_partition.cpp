#include "sample_partition.hpp"

#include "sample_results.hpp"

namespace deepfog::test {

void add_partition(ModelResults& model, const std::string& method) {
  const bool robust = method == "robustdice", whole = method == "replicated";
  model.text["method"] = method;
  model.text["network"] = "alexnet_small";
  model.text["scores"] = robust ? "s1 s2 s3" : "";
  model.text["score_normalisation"] = robust ? "zscore" : "";
  model.integers["devices"] = 3;
  model.integers["calibration_images"] = robust ? 64 : 0;
  model.integers["network_bytes"] = 1000;
  PartitionTables& p = model.partition;
  p = {};
  p.layers = {"features.0", "classifier.1"};
  p.neurons = {4, 6};
  p.held = robust ? std::vector<std::int64_t>{6, 9, 12, 6} : std::vector<std::int64_t>{4, 6, 4, 6};
  p.device_bytes = {400, 390, 380, 410, 400, 390};
  if (whole) {
    p.held = {12, 18, 12, 18};
    p.device_bytes.assign(6, 1000);
  }
  if (method == "cdc") p.device_bytes = {400, 390, 380, 420, 400, 390, 380, 430};
  if (!robust) return;
  p.thresholds = {0.5, 0.75, 0, 2.5};
  p.front.thresholds = {0, 0.5, 1, 2};
  p.front.bytes = {1000, 410, 410, 350};
  p.front.accuracy = {0.9, 0.8, 0.7, 0.75};
  p.front.on_front = {1, 1, 0, 1};
  p.front.failed = 1;
}

Results sample_results_with_partitions() {
  Results results = sample_results();
  add_partition(results.experiments[0].models[0], "cdc");
  add_partition(results.experiments[0].models[1], "robustdice");
  return results;
}

}  // namespace deepfog::test
