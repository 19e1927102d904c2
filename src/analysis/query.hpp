#pragma once

#include <string>
#include <vector>

#include "analysis/state_distribution.hpp"

namespace deepfog {

/// A chance to be up: "0.97", or "1000h/8h", mean time to failure over mean time to repair (units s, m, h, d,
/// y; none means hours). Throws UserError naming `where`.
double parse_availability(const std::string& text, const std::string& where);

/// "near:.9 middle:1000h/8h *:.99", in vector order; `*` stands for the nodes that are not named, and without
/// it every node must be. Throws UserError naming `where`.
Reliability parse_reliability(const std::string& text, const std::vector<std::string>& nodes,
                              const std::string& where);

/// "rack near,middle:.99" or "near,middle:.99" (the members are the name then). Throws UserError naming
/// `where`.
FailureGroup parse_failure_group(const std::string& text, const std::vector<std::string>& nodes,
                                 const std::string& where);

/// "near + middle" of the nodes that are failed; "none".
std::string failed_names(Combination combination, const std::vector<std::string>& nodes);

}  // namespace deepfog
