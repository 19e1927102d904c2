#pragma once

#include "cli/setting_reader.hpp"
#include "topology/topology.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// Reads the keys exit_threshold (NUMBER | share NUMBER | best) and train_without (NODE ...). They are
/// recorded only if they are given, so that campaigns from before there were exits can be resumed.
void read_exits(SettingReader& reader, const Topology& topology, TrainingSpec& spec);

}  // namespace deepfog
