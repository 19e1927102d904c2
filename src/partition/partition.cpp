#include "partition/partition.hpp"

#include <algorithm>
#include <cstdio>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

const std::vector<std::string>& methods() {
  static const std::vector<std::string> names{"robustdice", "lop", "cdc", "replicated", "random"};
  return names;
}

const std::vector<Neurons>& parts_of(const Partition& partition, int layer) {
  return partition.neurons.at(static_cast<std::size_t>(layer));
}

void check_devices(const Partition& partition, const std::string& where) {
  const auto& known = methods();
  if (std::find(known.begin(), known.end(), partition.method) == known.end()) {
    throw UserError(where, "method '" + partition.method + "' is unknown", listing(known));
  }
  if (partition.devices < 1 || partition.devices > 64) {
    throw UserError(where, std::to_string(partition.devices) + " devices", "1 to 64");
  }
  const bool spare_is_last = partition.spare == partition.devices - 1 && partition.devices >= 2;
  if (partition.spare >= 0 && !spare_is_last) {
    throw UserError(
        where, "spare device " + std::to_string(partition.spare) + " of " + std::to_string(partition.devices),
        "the last of at least two");
  }
}

/// @param places  counts the devices that hold each neuron
void check_part(const Neurons& part, std::vector<int>& places, const std::string& where) {
  const auto size = static_cast<std::int64_t>(places.size());
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] < 0 || part[i] >= size) {
      throw UserError(where, "neuron " + std::to_string(part[i]), "0 to " + std::to_string(size - 1));
    }
    if (i > 0 && part[i] <= part[i - 1]) {
      throw UserError(where, "neuron " + std::to_string(part[i]) + " after " + std::to_string(part[i - 1]),
                      "ascending, none twice");
    }
    ++places[static_cast<std::size_t>(part[i])];
  }
}

std::string megabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f MB", double(bytes) / 1e6);
  return text;
}

}  // namespace

void check_partition(const Partition& partition, const std::vector<CutLayer>& layers,
                     const std::string& where) {
  check_devices(partition, where);
  if (partition.neurons.size() != layers.size()) {
    throw UserError(where, std::to_string(partition.neurons.size()) + " layers",
                    std::to_string(layers.size()));
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::string layer = where + ", " + layers[l].name;
    const std::vector<Neurons>& parts = partition.neurons[l];
    if (static_cast<int>(parts.size()) != partition.devices) {
      throw UserError(layer, std::to_string(parts.size()) + " parts", "one for each device");
    }
    std::vector<int> places(static_cast<std::size_t>(layers[l].neurons), 0);
    for (std::size_t d = 0; d < parts.size(); ++d) {
      const std::string device = layer + ", device " + std::to_string(d);
      if (static_cast<int>(d) == partition.spare && !parts[d].empty()) {
        throw UserError(device, "the spare has neurons", "none");
      }
      check_part(parts[d], places, device);
    }
    const auto missing = std::find(places.begin(), places.end(), 0);
    if (missing != places.end()) {
      throw UserError(layer, "neuron " + std::to_string(missing - places.begin()) + " is on no device",
                      "at least one");
    }
  }
}

bool balanced(const Partition& partition) {
  for (const std::vector<Neurons>& parts : partition.neurons) {
    const auto fewer = [](const Neurons& a, const Neurons& b) { return a.size() < b.size(); };
    const auto range = std::minmax_element(parts.begin(), parts.begin() + partition.data_devices(), fewer);
    if (range.second->size() - range.first->size() > 1) return false;
  }
  return true;
}

std::int64_t rows_held(const Partition& partition, int layer, int device) {
  const std::vector<Neurons>& parts = parts_of(partition, layer);
  if (device != partition.spare) {
    return static_cast<std::int64_t>(parts.at(static_cast<std::size_t>(device)).size());
  }
  std::size_t most = 0;
  for (const Neurons& part : parts) most = std::max(most, part.size());
  return static_cast<std::int64_t>(most);
}

std::int64_t device_bytes(const Partition& partition, const std::vector<CutLayer>& layers, int device) {
  std::int64_t bytes = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const bool side_by_side = device == partition.spare && layers[l].depthwise;
    const std::int64_t copies = side_by_side ? partition.data_devices() : 1;
    bytes += layers[l].shared_bytes +
             rows_held(partition, static_cast<int>(l), device) * layers[l].neuron_bytes * copies;
  }
  return bytes;
}

std::int64_t largest_device_bytes(const Partition& partition, const std::vector<CutLayer>& layers) {
  std::int64_t largest = 0;
  for (int d = 0; d < partition.devices; ++d) {
    largest = std::max(largest, device_bytes(partition, layers, d));
  }
  return largest;
}

std::int64_t replicated_bytes(const std::vector<CutLayer>& layers) {
  std::int64_t bytes = 0;
  for (const CutLayer& layer : layers) bytes += layer.shared_bytes + layer.neurons * layer.neuron_bytes;
  return bytes;
}

Neurons live_neurons(const Partition& partition, int layer, Combination alive) {
  Neurons live;
  const std::vector<Neurons>& parts = parts_of(partition, layer);
  for (std::size_t d = 0; d < parts.size(); ++d) {
    if (deepfog::alive(alive, static_cast<int>(d))) live.insert(live.end(), parts[d].begin(), parts[d].end());
  }
  std::sort(live.begin(), live.end());
  live.erase(std::unique(live.begin(), live.end()), live.end());
  return live;
}

bool cdc_recoverable(const Partition& partition, Combination alive) {
  const int failed = failed_count(alive & all_alive(partition.data_devices()), partition.data_devices());
  return failed == 0 || (failed == 1 && partition.spare >= 0 && deepfog::alive(alive, partition.spare));
}

std::string summary(const Partition& partition, const std::vector<CutLayer>& layers) {
  std::string text = partition.method + ", " + std::to_string(partition.devices) + " devices";
  if (partition.spare >= 0) text += ", the last one spare";
  const std::int64_t whole = replicated_bytes(layers);
  text += "; whole network " + megabytes(whole) + "\n";
  for (int d = 0; d < partition.devices; ++d) {
    const std::int64_t bytes = device_bytes(partition, layers, d);
    char share[32];
    std::snprintf(share, sizeof share, " (%.1f%%)", 100.0 * double(bytes) / double(whole));
    text += "  device " + std::to_string(d) + ": " + megabytes(bytes) + share + "\n";
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    std::int64_t rows = 0;
    for (int d = 0; d < partition.devices; ++d) rows += rows_held(partition, static_cast<int>(l), d);
    text += "  " + layers[l].name + ": " + std::to_string(layers[l].neurons) + " neurons, " +
            std::to_string(rows) + " held\n";
  }
  return text;
}

}  // namespace deepfog
