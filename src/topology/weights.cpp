#include "topology/weights.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace deepfog {
namespace {

constexpr std::size_t kMostLines = 5;

std::string on_node(const NamedTensor& tensor) {
  return "node " + tensor.node + ": " + describe(tensor);
}

bool sized_right(const NamedTensor& tensor) {
  double product = 1;  // a double cannot overflow, unlike an integer
  for (const std::int64_t extent : tensor.shape) product *= static_cast<double>(extent);
  return product == static_cast<double>(tensor.values.size());
}

}  // namespace

std::string describe(const NamedTensor& tensor) {
  std::string text = tensor.name + "[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i == 0 ? "" : ",") + std::to_string(tensor.shape[i]);
  return text + "]";
}

std::vector<std::string> mismatches(const Weights& expected, const Weights& given) {
  std::vector<std::string> lines;
  std::map<std::pair<std::string, std::string>, const NamedTensor*> left;
  for (const auto& tensor : given) {
    if (!left.emplace(std::make_pair(tensor.node, tensor.name), &tensor).second) {
      lines.push_back(on_node(tensor) + " is given twice");
    }
  }
  for (const auto& tensor : expected) {
    const auto found = left.find({tensor.node, tensor.name});
    if (found == left.end()) {
      lines.push_back(on_node(tensor) + " is missing");
      continue;
    }
    if (found->second->shape != tensor.shape) {
      lines.push_back(on_node(tensor) + " is expected, " + describe(*found->second) + " is given");
    } else if (!sized_right(*found->second)) {
      lines.push_back(on_node(tensor) + " is given with " + std::to_string(found->second->values.size()) +
                      " values");
    }
    left.erase(found);
  }
  for (const auto& tensor : given) {
    if (left.erase({tensor.node, tensor.name}) > 0) lines.push_back(on_node(tensor) + " is not expected");
  }
  for (std::size_t i = 0; lines.empty() && i < expected.size(); ++i) {  // checks the order
    if (expected[i].node != given[i].node || expected[i].name != given[i].name) {
      lines.push_back(on_node(given[i]) + " stands where " + on_node(expected[i]) + " is expected");
    }
  }
  if (lines.size() > kMostLines) lines.resize(kMostLines);
  return lines;
}

}  // namespace deepfog
