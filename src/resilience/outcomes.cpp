#include "resilience/outcomes.hpp"

#include <algorithm>

#include "resilience/diagram.hpp"
#include "resilience/flow.hpp"

namespace deepfog {

std::vector<std::int32_t> outcome_rows(const Topology& topology) {
  if (!topology.has_exits()) return Diagram(topology).class_of_combination();
  std::vector<std::int32_t> rows;
  std::int32_t last = 0;
  for (const std::uint8_t flows : flow_table(topology)) rows.push_back(flows != 0 ? ++last : 0);
  return rows;
}

std::int64_t outcome_count(const std::vector<std::int32_t>& rows) {
  return rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end());
}

}  // namespace deepfog
