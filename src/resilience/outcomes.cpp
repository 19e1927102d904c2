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

std::vector<std::int32_t> first_of_each(std::vector<std::int32_t> rows) {
  std::vector<char> seen(static_cast<std::size_t>(outcome_count(rows)) + 1, 0);
  for (std::int32_t& row : rows) {
    const auto place = static_cast<std::size_t>(row);
    if (seen[place] != 0) row = 0;
    seen[place] = 1;
  }
  return rows;
}

}  // namespace deepfog
