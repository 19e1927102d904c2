#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "topology/syntax_tree.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Turns the statements of a file into a Topology, or throws a one-line UserError that says why it cannot.
class TopologyParser {
 public:
  explicit TopologyParser(const std::string& where) : where_(where) {}
  Topology parse(const std::string& text);

 private:
  [[noreturn]] void refuse(int line, const std::string& what, const std::string& allowed) const;
  void place_nodes();
  void place_fails();
  void resolve_links();
  int resolve(const std::string& name, int line) const;  ///< file vertex: sources, then stages in file order
  void check_ends() const;
  void place_stages();
  void place_links();
  void set_widths();
  void set_inputs(std::size_t stage);
  void check_pooled(std::size_t stage, const std::vector<Shape>& pooled, bool any_added) const;
  void count_parameters(std::size_t stage, std::int64_t more);
  void add_layers(std::size_t stage);
  void list_exits();
  void check_last_stage() const;
  void check_cut() const;

  struct Edge {
    int from = 0, to = 0;  ///< vertices of the file
  };

  std::string where_;
  SyntaxTree syntax_tree_;
  std::unordered_map<std::string, int> vertices_, nodes_;
  std::vector<Edge> edges_;          ///< one per link, in file order
  std::vector<int> vertex_of_file_;  ///< vertex of the file -> vertex of the topology
  std::vector<int> line_of_stage_;   ///< in topological order
  double parameters_ = 0;            ///< of all stages
  Topology topology_;
};

}  // namespace deepfog
