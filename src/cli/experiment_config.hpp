#pragma once

#include <vector>

#include "campaign/spec.hpp"
#include "cli/setting_reader.hpp"

namespace deepfog {

/// Reads one [experiment.NAME] with its [model.NAME.*] sections. Topologies are loaded and compared, and
/// every effective value is added to `effective`. Throws UserError "file:line: what (allowed)".
ExperimentSpec read_experiment(const IniFile& file, const IniSection& section,
                               std::vector<EffectiveSetting>& effective);

/// Parses "f1:.99 f2:.98 e1:.96" into one number per node, in the order of `nodes`. Every node must occur
/// exactly once.
/// @param high_open  whether numbers are in [0, 1) instead of [0, 1]
std::vector<double> parse_by_node(const std::string& text, const std::vector<std::string>& nodes,
                                  const std::string& where, const std::string& what, bool high_open);

/// Throws UserError for a setting named no_failure under which something can fail, since verify() relies on
/// that name in every results file.
void check_no_failure(const std::string& setting, const std::vector<double>& survival,
                      const std::string& where);

/// For messages: the nodes that are allowed, or why there are none.
std::string allowed_nodes(const std::vector<std::string>& nodes);

/// The inverse of parse_by_node(), in canonical form: "f1:0.99 f2:0.98 e1:0.96".
std::string by_node(const std::vector<std::string>& nodes, const std::vector<double>& values);

}  // namespace deepfog
