#pragma once

#include <string>
#include <vector>

#include "analysis/answers.hpp"

namespace deepfog {

/// What is known of one model under one setting, for people: risk, failures by number, cut sets, importance
/// of nodes and the strongest pairs.
std::string analysis_tables(const std::string& heading, const std::vector<std::string>& nodes,
                            const Question& question, const Answers& answers);

/// The same in greppable lines "RESULT analysis=risk <label> ...", "RESULT analysis=importance <label>
/// node=...".
std::string analysis_lines(const std::string& label, const std::vector<std::string>& nodes,
                           const Question& question, const Answers& answers);

}  // namespace deepfog
