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

/// One line of a topology file, split into words. `#` starts a comment; "->" is a word of its own.
struct Statement {
  std::string where;  ///< "file:line"
  int line = 0;
  std::vector<std::string> words;
};

/// All lines that are not empty. Throws UserError on a zero byte.
std::vector<Statement> split_statements(const std::string& text, const std::string& where);

/// "file:line"
std::string at_line(const std::string& where, int line);

/// The word in quotes, shortened and made printable, so that it fits into a one-line message.
std::string quoted(std::string_view word);

/// `, did you mean "..."?` or an empty text.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// A word used as a name: letters, digits, '_' and '-', so that it can be part of HDF5 paths and tensor
/// names.
std::string read_name(const Statement& statement, const std::string& word);

/// A whole number in 1..most. `what` names it in messages.
std::int64_t read_count(const Statement& statement, std::string_view word, std::int64_t most,
                        const std::string& what);

/// CHANNELSxHEIGHTxWIDTH; empty for a word without x.
Shape read_shape(const Statement& statement, const std::string& word, std::int64_t most);

/// Reads the word at `first` as an aggregation; nothing if there is no word or if it is a layer.
std::optional<Aggregation> read_aggregation(const Statement& statement, std::size_t first);

/// Reads an `exit` or `summary` statement.
SyntaxTree::ExitLine read_exit(const Statement& statement);

/// The names that `let` statements define, with their words.
class LetWords {
 public:
  void add(const Statement& statement);
  /// Replaces $NAME by its words, and the $NAME in "binary-conv:$NAME" by its single word.
  void replace_in(Statement& statement) const;

 private:
  const std::vector<std::string>& words_of(const Statement& statement, const std::string& name) const;
  std::map<std::string, std::vector<std::string>> words_;
};

/// Reads the words from `first` on as layers: KIND:WIDTH, KIND:WIDTH*REPEATS and similar forms. A layer of a
/// cut network must be the only one.
std::vector<Layer> read_layers(const Statement& statement, std::size_t first);

/// Whether the word is a complete layer although it has no colon.
bool is_layer_without_size(std::string_view word);

/// Reads the word behind "expand=".
Expansion read_expansion(const Statement& statement, const std::string& word);

/// The weight of a hyperconnection: finite and not zero, even after rounding to float.
double read_weight(const Statement& statement, std::string_view word);

}  // namespace deepfog
