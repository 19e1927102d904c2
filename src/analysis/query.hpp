#pragma once

#include <string>
#include <vector>

#include "analysis/state_distribution.hpp"

namespace deepfog {

/// Parses the probability of being up: "0.97", or "1000h/8h", mean time to failure over mean time to repair
/// (units s, m, h, d, y; without a unit, hours). Throws UserError, which names `where`.
double parse_availability(const std::string& text, const std::string& where);

/// Parses "near:.9 middle:1000h/8h *:.99"; returns vector order. `*` stands for the nodes that are not named;
/// without it every node must be named. Throws UserError, which names `where`.
Reliability parse_reliability(const std::string& text, const std::vector<std::string>& nodes,
                              const std::string& where);

/// Parses "rack near,middle:.99", or "near,middle:.99", for which the list of members is the name. Throws
/// UserError, which names `where`.
FailureGroup parse_failure_group(const std::string& text, const std::vector<std::string>& nodes,
                                 const std::string& where);

/// Names of the failed nodes, such as "near + middle"; "none" if there are none.
std::string failed_names(Combination combination, const std::vector<std::string>& nodes);

}  // namespace deepfog
