#pragma once

#include <string>
#include <vector>

#include "inference/failure_script.hpp"
#include "topology/syntax_tree_words.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The keyword that begins statements of this kind.
std::string failure_word(FailureKind kind);

/// Reads all statements but `seed` against a topology, which must outlive the reader. Used by failure scripts
/// only.
class FailureScriptReader {
 public:
  explicit FailureScriptReader(const Topology& topology);

  /// Throws UserError.
  FailureEvent read(const Statement& statement) const;

 private:
  int find_node(const Statement& statement, const std::string& name) const;
  int find_link(const Statement& statement, const std::string& from, const std::string& to) const;

  const Topology& topology_;
  std::vector<std::string> node_names_, carrying_;  ///< carrying_: names of the links that carry messages
};

}  // namespace deepfog
