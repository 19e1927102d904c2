#include "campaign/protocol.hpp"

#include "campaign/codec.hpp"
#include "topology/weights_codec.hpp"

namespace deepfog::said {
namespace {

constexpr std::uint32_t magic = 0x35574644;  // "DFW5": DeepFog word, version 5

void put(Encoder& to, const RunKey& key) {
  to.put(key.experiment);
  to.put(key.model);
  to.put(key.run);
}

RunKey get_key(Decoder& from) {
  RunKey key;
  key.experiment = from.get<std::int32_t>();
  key.model = from.get<std::int32_t>();
  key.run = from.get<std::int64_t>();
  return key;
}

void put(Encoder& to, const Claim& word) {
  to.put(static_cast<std::uint8_t>(word.held.has_value()));
  if (word.held) put(to, *word.held);
}
void put(Encoder& to, const Trained& word) {
  to.put(word.task);
  put_weights(to, word.model.weights);
  to.put(word.model.validation_accuracy);
  to.put(word.model.best_epoch);
  to.put(word.model.null_batches);
  to.put(word.model.seconds);
  to.put_list(word.model.normalisation.centre);
  to.put_list(word.model.normalisation.deviation);
}
void put(Encoder& to, const Swept& word) {
  to.put(word.task);
  to.put_list(word.counts.correct);
  to.put_list(word.counts.confusion);
  to.put(word.counts.samples);
  to.put(word.seconds);
  put_detail(to, word.counts);
}
void put(Encoder& to, const Bounded& word) {
  to.put(word.task);
  put_large_diagram(to, word.result);
  to.put(word.seconds);
}
void put(Encoder& to, const Epoch& word) {
  to.put(word.task);
  to.put(word.epoch);
  to.put(word.loss);
  to.put(word.validation_accuracy);
}
void put(Encoder& to, const Failed& word) {
  to.put(word.task);
  to.put_text(word.text);
  to.put(static_cast<std::uint8_t>(word.kind));
}
void put(Encoder& to, const Signalled& word) {
  to.put(word.signal);
}
void put(Encoder&, const Stopped&) {}
void put(Encoder& to, const Assignment& word) {
  to.put(word.task);
  to.put(static_cast<std::uint8_t>(word.what.kind));
  put(to, word.what.key);
  to.put(word.what.begin);
  to.put(word.what.end);
  to.put(word.what.trained);
  to.put(static_cast<std::uint8_t>(word.weights.has_value()));
  if (word.weights) put_weights(to, *word.weights);
}
void put(Encoder&, const Stop&) {}
void put(Encoder&, const Alive&) {}

bool get_flag(Decoder& from) {
  const auto flag = from.get<std::uint8_t>();
  if (flag > 1) from.refuse("a flag is neither 0 nor 1");
  return flag == 1;
}

void get(Decoder& from, Claim& word) {
  if (get_flag(from)) word.held = get_key(from);
}
void get(Decoder& from, Trained& word) {
  word.task = from.get<std::int32_t>();
  word.model.weights = get_weights(from);
  word.model.validation_accuracy = from.get<double>();
  word.model.best_epoch = from.get<std::int64_t>();
  word.model.null_batches = from.get<std::int64_t>();
  word.model.seconds = from.get<double>();
  word.model.normalisation.centre = from.get_list<float>();
  word.model.normalisation.deviation = from.get_list<float>();
}
void get(Decoder& from, Swept& word) {
  word.task = from.get<std::int32_t>();
  word.counts.correct = from.get_list<std::int64_t>();
  word.counts.confusion = from.get_list<std::int64_t>();
  word.counts.samples = from.get<std::int64_t>();
  word.seconds = from.get<double>();
  get_detail(from, word.counts);
}
void get(Decoder& from, Bounded& word) {
  word.task = from.get<std::int32_t>();
  word.result = get_large_diagram(from);
  word.seconds = from.get<double>();
}
void get(Decoder& from, Epoch& word) {
  word.task = from.get<std::int32_t>();
  word.epoch = from.get<std::int64_t>();
  word.loss = from.get<double>();
  word.validation_accuracy = from.get<double>();
}
void get(Decoder& from, Failed& word) {
  word.task = from.get<std::int32_t>();
  word.text = from.get_text();
  const auto kind = from.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(TaskFailure::lasting)) from.refuse("unknown kind of failure");
  word.kind = static_cast<TaskFailure>(kind);
}
void get(Decoder& from, Signalled& word) {
  word.signal = from.get<std::int32_t>();
}
void get(Decoder&, Stopped&) {}
void get(Decoder& from, Assignment& word) {
  word.task = from.get<std::int32_t>();
  const auto kind = from.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(TaskKind::bounds)) from.refuse("unknown kind of unit");
  word.what.kind = static_cast<TaskKind>(kind);
  word.what.key = get_key(from);
  word.what.begin = from.get<std::int64_t>();
  word.what.end = from.get<std::int64_t>();
  word.what.trained = from.get<std::int32_t>();
  if (get_flag(from)) word.weights = get_weights(from);
}
void get(Decoder&, Stop&) {}
void get(Decoder&, Alive&) {}

/// The word whose place in the variant is `kind`.
template <std::size_t place = 0>
Word get_word(Decoder& from, std::size_t kind) {
  if constexpr (place == std::variant_size_v<Word>) {
    from.refuse("unknown kind of message");
  } else {
    if (kind != place) return get_word<place + 1>(from, kind);
    std::variant_alternative_t<place, Word> word;
    get(from, word);
    return word;
  }
}

}  // namespace

Bytes encode(const Word& word) {
  Encoder encoder;
  encoder.put(magic);
  encoder.put(static_cast<std::uint8_t>(word.index()));
  std::visit([&](const auto& kind) { put(encoder, kind); }, word);
  return encoder.take();
}

Word decode(const Bytes& bytes, const std::string& from) {
  Decoder decoder(bytes, from);
  if (decoder.get<std::uint32_t>() != magic) decoder.refuse("not a message of this program's version");
  const auto kind = decoder.get<std::uint8_t>();
  Word word = get_word(decoder, kind);
  decoder.finish();
  return word;
}

}  // namespace deepfog::said
