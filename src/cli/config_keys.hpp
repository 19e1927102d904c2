#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// The keys that a section may hold; `deepfog run --help` and the README list the same keys.
const std::vector<std::string>& campaign_keys();
const std::vector<std::string>& experiment_keys();  ///< in addition to the training keys and
                                                    ///< reliability.SETTING
const std::vector<std::string>& model_keys();       ///< in addition to the training keys

/// Keys of a model section; in an experiment section they are the defaults for its models.
const std::vector<std::string>& training_keys();

}  // namespace deepfog
