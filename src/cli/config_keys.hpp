#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// The keys a section may hold; `deepfog run --help` and the README list the same.
const std::vector<std::string>& campaign_keys();
const std::vector<std::string>& experiment_keys();  ///< besides the training keys and reliability.SETTING
const std::vector<std::string>& model_keys();       ///< besides the training keys

/// Of a model section; in an experiment section they are the defaults of its models.
const std::vector<std::string>& training_keys();

}  // namespace deepfog
