#pragma once

#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// The statements of a topology file before they are checked for consistency. Line numbers start at 1.
struct SyntaxTree {
  struct Name {
    std::string name;
    int line = 0;
  };
  struct SourceLine {
    Source source;
    int line = 0;
  };
  struct StageLine {
    std::string name, node;
    std::vector<Layer> layers;
    int line = 0;
    Aggregation aggregation = Aggregation::add;
    std::optional<Exit> exit{};
  };
  struct LinkLine {
    std::string from, to;
    bool skip = false;
    double weight = 1.0;
    Expansion expansion = Expansion::pad;
    int line = 0;
    bool verdict = false;
  };
  struct ExitLine {
    std::string stage;
    Exit exit;
    int line = 0;
  };

  Name topology;
  std::vector<SourceLine> sources;
  std::vector<Name> nodes;
  std::vector<StageLine> stages;  ///< file order; a node with layers of its own adds a stage of the same name
  std::vector<LinkLine> links;
  std::vector<Name> fails;
  std::vector<ExitLine> exits;  ///< exits and summaries, in file order
};

/// Reads the statements of a topology file. Throws UserError for errors that a single line shows.
SyntaxTree read_syntax_tree(const std::string& text, const std::string& where);

}  // namespace deepfog
