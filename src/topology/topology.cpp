#include "topology/topology.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "topology/topology_parser.hpp"

namespace deepfog {
namespace {

/// Reads at most one byte more than allowed, whatever size the file system reports.
std::string read_text(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw UserError(path, "no such file", "a topology file, see configs/topologies");
  }
  if (status.type() != std::filesystem::file_type::regular)
    throw UserError(path, "not a file", "a topology file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw UserError(path, std::string("cannot be opened: ") + std::strerror(errno), "a readable file");
  std::string text(kMostTopologyBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw UserError(path, "cannot be read", "a readable file");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

const std::string& Topology::vertex_name(int vertex) const {
  if (is_source(vertex)) return sources_.at(static_cast<std::size_t>(vertex)).name;
  return stages_.at(static_cast<std::size_t>(stage_of(vertex))).name;
}

std::vector<int> Topology::heads() const {
  std::vector<int> heads;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    if (stages_[s].exit) heads.push_back(static_cast<int>(s));
  }
  if (heads.empty()) heads.push_back(last_stage());
  return heads;
}

bool Topology::is_dense() const {
  if (has_exits() || is_cut()) return false;
  for (const Hyperconnection& link : hyperconnections_) {
    if (link.expansion == Expansion::pool) return false;
  }
  for (const Stage& stage : stages_) {
    if (stage.aggregation != Aggregation::add) return false;
    for (const Layer& layer : stage.layers) {
      if (layer.kind != LayerKind::linear && layer.kind != LayerKind::relu) return false;
    }
  }
  return true;
}

void refuse_cut(const Topology& topology, const std::string& where) {
  if (topology.is_cut()) throw UserError(where, "a cut network", "use deepfog infer");
}

Topology load_topology(const std::string& path) {
  return parse_topology(read_text(path), path);
}

Topology parse_topology(const std::string& text, const std::string& where) {
  if (text.empty()) throw UserError(where, "an empty file", "a topology file");
  if (text.size() > kMostTopologyBytes)
    throw UserError(where, "larger than 1 MB", "a topology file is small text");
  return TopologyParser(where).parse(text);
}

}  // namespace deepfog
