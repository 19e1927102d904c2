#include "cli/config_keys.hpp"

namespace deepfog {

const std::vector<std::string>& campaign_keys() {
  static const std::vector<std::string> keys{
      "name",           "output",        "seed",        "runs",
      "threads",        "sweep_block",   "confusion",   "save_weights",
      "trainer",        "device",        "engine",      "memory",
      "class_limit",    "beyond",        "bound_width", "max_combinations",
      "sampling_draws", "per_sample_mib"};
  return keys;
}

const std::vector<std::string>& experiment_keys() {
  static const std::vector<std::string> keys{"dataset", "split", "guess", "models"};
  return keys;
}

const std::vector<std::string>& model_keys() {
  static const std::vector<std::string> keys{"topology", "without_skips", "reliability_weights",
                                             "weights_of"};
  return keys;
}

const std::vector<std::string>& training_keys() {
  static const std::vector<std::string> keys{
      "training",          "failout_rate",   "failout_setting", "optimiser", "epochs",
      "batch_size",        "learning_rate",  "weight_decay",    "normalise", "class_weights",
      "max_train_samples", "exit_threshold", "train_without",   "seeds_of"};
  return keys;
}

}  // namespace deepfog
