#pragma once

#include "cli/setting_reader.hpp"
#include "topology/topology.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// The keys exit_threshold (NUMBER | shard NUMBER | best) and train_without (NODE ...). Written down only
/// where they are given, so that campaigns from before there were exits go on.
void read_exits(SettingReader& reader, const Topology& topology, TrainingSpec& spec);

}  // namespace deepfog
