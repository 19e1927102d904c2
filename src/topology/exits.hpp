#pragma once

#include <string>

#include "topology/syntax_tree.hpp"

namespace deepfog {

/// Puts in what exits need, between the statements of a file and the graph. A stage behind an exit reads rows
/// only that have not left there (DDNN, section III-D). So on the node that sends such rows a gate is put in,
/// stage "d1@local" for what d1 sends after the exit `local`: it reads the rows and the exit's verdict, and
/// lets pass what has not left; a dead exit lets all pass. What was linked to d1 is linked to the gate then.
/// A last stage "answers@NODE" on the last exit's node picks for every row the first live exit that is sure,
/// or the last live one.
/// Throws UserError when the statements make no such network. Names that are unknown are left for later.
void add_exits(SyntaxTree& syntax_tree, const std::string& where);

}  // namespace deepfog
