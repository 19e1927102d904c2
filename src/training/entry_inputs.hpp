#pragma once

#include <vector>

#include "kernels/float_rows.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// The inputs that the sources provide to every stage, for each sample. Sources never fail, so their
/// weighted, padded sum at a stage is computed once per sample set, not in every batch. Keeps references to
/// `set` and `columns`.
class EntryInputs {
 public:
  EntryInputs(const Topology& topology, const std::vector<Columns>& columns, const SampleSet& set);

  /// The sum of the zero-padded links from sources into `stage`, [samples, expansion width]; data is null if
  /// there is none.
  RowsView sum(int stage) const { return sums_[stage]; }

  /// The unchanged samples of a source, [samples, width].
  RowsView source(int vertex) const;

 private:
  const std::vector<Columns>& columns_;
  const SampleSet& set_;
  std::vector<RowsView> sums_;
  std::vector<FloatRows> owned_;  ///< sums that are not simply the columns of one source
};

}  // namespace deepfog
