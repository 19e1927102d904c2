#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// The data of the sources: values [size, features] row-major, labels [size] in 0..classes-1.
struct SampleSet {
  std::vector<float> values;
  std::vector<std::int64_t> labels;
  std::int64_t features = 0;
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Rows [begin, end) of a sample set; does not own them.
struct SampleView {
  const float* values = nullptr;
  const std::int64_t* labels = nullptr;
  std::int64_t size = 0;
  std::int64_t features = 0;
};
SampleView view(const SampleSet& set);
SampleView view(const SampleSet& set, std::int64_t begin, std::int64_t end);

/// A data-set file in memory, with one of its splits.
struct Dataset {
  std::string name, title, origin, content_sha256, split;  ///< origin: "real" or "synthetic"
  std::vector<std::string> class_names;
  std::vector<Source> sources;        ///< the columns of values, in order
  SampleSet train, validation, test;  ///< test may have labels only; its values are then left in the file
  std::int64_t classes() const { return static_cast<std::int64_t>(class_names.size()); }
};

/// Text such as "3x32x32".
std::string describe(const Shape& shape);

/// The columns of a topology's source in a data set.
struct Columns {
  std::int64_t begin = 0, end = 0;
};

/// Returns one entry per source of the topology. Throws UserError, in which `where` names the topology file,
/// if the data set lacks a source, a width differs, images have another shape or order of channels (or the
/// data set states no shape and the source is not channels-last), or the number of classes differs from the
/// width of the last stage.
std::vector<Columns> match_sources(const Topology& topology, const Dataset& dataset,
                                   const std::string& where);

}  // namespace deepfog
