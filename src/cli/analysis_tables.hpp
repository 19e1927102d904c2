#pragma once

#include <string>
#include <vector>

#include "analysis/answers.hpp"
#include "analysis/certainty.hpp"

namespace deepfog {

/// What is known of one model under one setting, for people: risk, failures by number, cut sets, importance
/// of nodes and the strongest pairs.
std::string analysis_tables(const std::string& heading, const std::vector<std::string>& nodes,
                            const Question& question, const Answers& answers, const Certainty& certainty);

/// The same in greppable lines "RESULT analysis=risk <label> ...", "RESULT analysis=importance <label>
/// node=...".
std::string analysis_lines(const std::string& label, const std::vector<std::string>& nodes,
                           const Question& question, const Answers& answers, const Certainty& certainty);

/// The paired difference from another model, for people and as a RESULT line; empty where none was asked for.
std::string difference_text(const std::string& label, const std::string& against, const std::string& setting,
                            const Certainty& certainty);

}  // namespace deepfog
