#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/setting_reader.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// Reads how one model is trained: the training keys of its section override those of its experiment.
/// @param nodes        the failing nodes, in vector order
/// @param reliability  the experiment's settings, for failout_setting
TrainingSpec read_training(SettingReader& reader, const std::vector<std::string>& nodes,
                           const std::vector<std::pair<std::string, std::vector<double>>>& reliability);

}  // namespace deepfog
