#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/syntax_tree.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// One line of a topology file, cut into words; `#` ends it, "->" is a word of its own.
struct Statement {
  std::string where;  ///< "file:line"
  int line = 0;
  std::vector<std::string> words;
};

/// All lines that say something. Throws UserError on a zero byte.
std::vector<Statement> split_statements(const std::string& text, const std::string& where);

/// "file:line"
std::string at_line(const std::string& where, int line);

/// The word in quotes, short and printable whatever the file holds, fit for a message of one line.
std::string quoted(std::string_view word);

/// `, did you mean "..."?` or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// A word used as a name: letters, digits, '_' and '-', so that it can stand in HDF5 paths and tensor names.
std::string read_name(const Statement& statement, const std::string& word);

/// A whole number in 1..most. `what` says in messages what it is the number of.
std::int64_t read_count(const Statement& statement, std::string_view word, std::int64_t most,
                        const std::string& what);

/// CHANNELSxHEIGHTxWIDTH; empty for a word without x.
Shape read_shape(const Statement& statement, const std::string& word, std::int64_t most);

/// The word at `first` as an aggregation; nothing where there is none, or a layer.
std::optional<Aggregation> read_aggregation(const Statement& statement, std::size_t first);

/// An `exit` or `summary` statement.
SyntaxTree::ExitLine read_exit(const Statement& statement);

/// The words that `let` statements gave names to.
class LetWords {
 public:
  void add(const Statement& statement);
  /// $NAME becomes its words, "binary-conv:$NAME" its one word behind the colon.
  void replace_in(Statement& statement) const;

 private:
  const std::vector<std::string>& words_of(const Statement& statement, const std::string& name) const;
  std::map<std::string, std::vector<std::string>> words_;
};

/// Words from `first` on as layers: KIND:WIDTH or KIND:WIDTH*REPEATS and the like. Those of a cut network are
/// alone.
std::vector<Layer> read_layers(const Statement& statement, std::size_t first);

/// Whether the word is a whole layer, though it has no colon.
bool is_layer_without_size(std::string_view word);

/// The word behind "expand=".
Expansion read_expansion(const Statement& statement, const std::string& word);

/// A hyperconnection's weight: finite, not zero, also once rounded to float.
double read_weight(const Statement& statement, std::string_view word);

}  // namespace deepfog
