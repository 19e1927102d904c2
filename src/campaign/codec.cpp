#include "campaign/codec.hpp"

namespace deepfog {

void put_large_diagram(Encoder& encoder, const LargeDiagramResult& result) {
  encoder.put(static_cast<std::uint64_t>(result.settings.size()));
  for (const LargeDiagramResult::Setting& setting : result.settings) {
    for (const double value : {setting.lower, setting.upper, setting.average, setting.explored})
      encoder.put(value);
    encoder.put_text(setting.method);
  }
  encoder.put(result.combinations);
}

LargeDiagramResult get_large_diagram(Decoder& decoder) {
  constexpr std::size_t least_bytes = 4 * sizeof(double) + sizeof(std::uint64_t);  // with an empty text
  LargeDiagramResult result;
  result.settings.resize(decoder.get_size(least_bytes));
  for (LargeDiagramResult::Setting& setting : result.settings) {
    for (double* value : {&setting.lower, &setting.upper, &setting.average, &setting.explored})
      *value = decoder.get<double>();
    setting.method = decoder.get_text();
  }
  result.combinations = decoder.get<std::int64_t>();
  return result;
}

void put_detail(Encoder& encoder, const SweepCounts& counts) {
  if (counts.exits.empty() && counts.right.empty()) return;
  encoder.put_list(counts.exits.thresholds);
  for (const auto* list : lists_of(counts.exits)) encoder.put_list(*list);
  if (counts.right.empty()) return;
  encoder.put(counts.right.rows());
  encoder.put(counts.right.samples());
  encoder.put_list(counts.right.bytes());
}

void get_detail(Decoder& decoder, SweepCounts& counts) {
  if (decoder.left() == 0) return;
  counts.exits.thresholds = decoder.get_list<double>();
  for (auto* list : lists_of(counts.exits)) *list = decoder.get_list<std::int64_t>();
  if (decoder.left() == 0) return;
  const auto rows = decoder.get<std::int64_t>(), samples = decoder.get<std::int64_t>();
  try {
    counts.right = SampleHits(rows, samples, decoder.get_list<std::uint8_t>());
  } catch (const Failure& error) {
    decoder.refuse(error.what());
  }
}

}  // namespace deepfog
