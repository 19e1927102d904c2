#include "cutting/chosen_codec.hpp"

namespace deepfog {

void put(Encoder& encoder, const ChosenPartition& chosen) {
  encoder.put_text(chosen.failure);
  if (!chosen.good()) return;
  const Partition& partition = chosen.partition;
  encoder.put_text(partition.method);
  encoder.put(partition.devices);
  encoder.put(partition.spare);
  for (const auto& layer : partition.neurons) {
    for (const Neurons& part : layer) encoder.put_list(part);
  }
  encoder.put_list(chosen.thresholds);
  encoder.put(static_cast<std::uint64_t>(chosen.front.size()));
  for (const SearchPoint& point : chosen.front) {
    encoder.put_list(point.thresholds);
    encoder.put(point.bytes);
    encoder.put(point.accuracy);
    encoder.put(static_cast<std::uint8_t>(point.on_front));
  }
}

ChosenPartition get_chosen(Decoder& decoder, const std::vector<CutLayer>& layers, const std::string& where) {
  ChosenPartition chosen;
  chosen.failure = decoder.get_text();
  if (!chosen.good()) return chosen;
  Partition& partition = chosen.partition;
  partition.method = decoder.get_text();
  partition.devices = decoder.get<int>();
  partition.spare = decoder.get<int>();
  if (partition.devices < 1 || partition.devices > 64) decoder.refuse("devices");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    partition.neurons.emplace_back();
    for (int d = 0; d < partition.devices; ++d)
      partition.neurons.back().push_back(decoder.get_list<std::int64_t>());
  }
  chosen.thresholds = decoder.get_list<double>();
  const std::size_t points = decoder.get_size(8 + 8 + 8 + 1);
  for (std::size_t i = 0; i < points; ++i) {
    SearchPoint point;
    point.thresholds = decoder.get_list<double>();
    point.bytes = decoder.get<std::int64_t>();
    point.accuracy = decoder.get<double>();
    point.on_front = decoder.get<std::uint8_t>() != 0;
    chosen.front.push_back(std::move(point));
  }
  check_partition(partition, layers, where);
  return chosen;
}

}  // namespace deepfog
