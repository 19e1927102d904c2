#include "training/entry_inputs.hpp"

namespace deepfog {

EntryInputs::EntryInputs(const Topology& topology, const std::vector<Columns>& columns, const SampleSet& set)
    : columns_(columns), set_(set), sums_(topology.stages().size()) {
  for (std::size_t s = 0; s < sums_.size(); ++s) {
    const Stage& stage = topology.stages()[s];
    std::vector<const Hyperconnection*> links;
    for (int link : stage.incoming) {
      const Hyperconnection& h = topology.hyperconnections()[link];
      if (topology.is_source(h.from) && h.expansion == Expansion::pad) links.push_back(&h);
    }
    if (links.empty()) continue;
    if (links.size() == 1 && links[0]->weight == 1.0 && links[0]->width == stage.expansion_width) {
      sums_[s] = source(links[0]->from);
      continue;
    }
    FloatRows sum(set.size(), stage.expansion_width);
    for (const Hyperconnection* h : links) {
      const RowsView from = source(h->from);
      dense_kernels().add_scaled(from.data, from.stride, set.size(), h->width, static_cast<float>(h->weight),
                                 sum.data(), sum.stride());
    }
    sums_[s] = sum.view();
    owned_.push_back(std::move(sum));
  }
}

RowsView EntryInputs::source(int vertex) const {
  return {set_.values.data() + columns_[vertex].begin, set_.features};
}

}  // namespace deepfog
