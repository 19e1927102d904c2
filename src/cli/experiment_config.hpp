#pragma once

#include <vector>

#include "campaign/spec.hpp"
#include "cli/setting_reader.hpp"

namespace deepfog {

/// One [experiment.NAME] with its [model.NAME.*] sections; topologies are loaded and compared, and every
/// value in force is added to `effective`. Throws UserError "file:line: what (allowed)".
ExperimentSpec read_experiment(const IniFile& file, const IniSection& section,
                               std::vector<EffectiveSetting>& effective);

/// "f1:.99 f2:.98 e1:.96" -> one figure for each of `nodes`, in their order. Every node exactly once.
/// @param low, high, high_open  range of a figure
std::vector<double> parse_by_node(const std::string& text, const std::vector<std::string>& nodes,
                                  const std::string& where, const std::string& what, bool high_open);

/// Throws UserError for a setting named no_failure under which something can fail: verify holds every results
/// file to that name.
void check_no_failure(const std::string& setting, const std::vector<double>& survival,
                      const std::string& where);

/// For messages: the nodes that may stand there, or why there are none.
std::string allowed_nodes(const std::vector<std::string>& nodes);

/// The reverse, canonical: "f1:0.99 f2:0.98 e1:0.96".
std::string by_node(const std::vector<std::string>& nodes, const std::vector<double>& values);

}  // namespace deepfog
