#pragma once

#include <string>
#include <vector>

#include "analysis/confidence.hpp"
#include "analysis/summary.hpp"

namespace deepfog {

/// Tables for people about one model under one setting: risk, failures by number, cut sets, importance of the
/// nodes and the strongest pairs.
std::string analysis_tables(const std::string& heading, const std::vector<std::string>& nodes,
                            const Query& query, const Summary& summary, const Confidence& confidence);

/// The same as greppable lines "RESULT analysis=risk <label> ..." and "RESULT analysis=importance <label>
/// node=...".
std::string analysis_lines(const std::string& label, const std::vector<std::string>& nodes,
                           const Query& query, const Summary& summary, const Confidence& confidence);

/// The paired difference from another model, for people and as a RESULT line; empty if none was asked for.
std::string difference_text(const std::string& label, const std::string& against, const std::string& setting,
                            const Confidence& confidence);

}  // namespace deepfog
