#include "partition/baselines.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

void check_devices(const std::string& method, int devices, int most) {
  if (devices < 1 || devices > most) {
    throw UserError(method, std::to_string(devices) + " devices", "1 to " + std::to_string(most));
  }
}

/// Splits `ids` into consecutive parts, ascending within each.
std::vector<Neurons> runs_of(const Neurons& ids, int devices) {
  std::vector<Neurons> parts;
  const std::size_t count = static_cast<std::size_t>(devices), least = ids.size() / count;
  auto next = ids.begin();
  for (std::size_t d = 0; d < count; ++d) {
    const auto end = next + static_cast<std::ptrdiff_t>(least + (d < ids.size() % count ? 1 : 0));
    parts.emplace_back(next, end);
    std::sort(parts.back().begin(), parts.back().end());
    next = end;
  }
  return parts;
}

Neurons all_ids(const CutLayer& layer) {
  Neurons ids(static_cast<std::size_t>(layer.neurons));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

}  // namespace

Partition lop_partition(const std::vector<CutLayer>& layers, int devices) {
  check_devices("lop", devices, 64);
  Partition partition{"lop", devices, -1, {}};
  for (const CutLayer& layer : layers) partition.neurons.push_back(runs_of(all_ids(layer), devices));
  return partition;
}

Partition replicated_partition(const std::vector<CutLayer>& layers, int devices) {
  check_devices("replicated", devices, 64);
  Partition partition{"replicated", devices, -1, {}};
  for (const CutLayer& layer : layers) {
    partition.neurons.emplace_back(static_cast<std::size_t>(devices), all_ids(layer));
  }
  return partition;
}

Partition random_partition(const std::vector<CutLayer>& layers, int devices, std::uint64_t seed) {
  check_devices("random", devices, 64);
  Partition partition{"random", devices, -1, {}};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    RandomStream stream(
        derive_seed(seed, "partition", layers[l].name, static_cast<std::int64_t>(l), "random"));
    partition.neurons.push_back(runs_of(stream.permutation(layers[l].neurons), devices));
  }
  return partition;
}

Partition cdc_partition(const std::vector<CutLayer>& layers, int data_devices) {
  check_devices("cdc", data_devices, 63);
  Partition partition = lop_partition(layers, data_devices);
  partition.method = "cdc";
  partition.spare = partition.devices++;
  for (std::vector<Neurons>& parts : partition.neurons) parts.emplace_back();
  return partition;
}

}  // namespace deepfog
