#pragma once

#include <string>

#include "topology/syntax_tree.hpp"

namespace deepfog {

/// Adds the stages that exits need, between parsing and building the graph. A stage behind an exit reads only
/// rows that have not left there (DDNN, section III-D). The node that sends such rows therefore gets a gate,
/// e.g. stage "d1@local" for what d1 sends after the exit `local`: it reads the rows and the exit's verdict
/// and passes the rows that have not left; a dead exit lets all rows pass. Links from d1 are moved to the
/// gate. A last stage "answers@NODE" on the last exit's node selects for every row the first live exit that
/// is sure, or else the last live one. Throws UserError if the statements do not form such a network. Unknown
/// names are reported later.
void add_exits(SyntaxTree& syntax_tree, const std::string& where);

}  // namespace deepfog
