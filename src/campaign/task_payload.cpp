#include "campaign/task_payload.hpp"

#include "campaign/codec.hpp"
#include "topology/weights_codec.hpp"

namespace deepfog::payload {
namespace {

void put(Encoder& to, const TrainedModel& model) {
  put_weights(to, model.weights);
  to.put(model.validation_accuracy);
  to.put(model.best_epoch);
  to.put(model.null_batches);
  to.put(model.seconds);
  to.put_list(model.normalisation.centre);
  to.put_list(model.normalisation.deviation);
}
void put(Encoder& to, const Swept& swept) {
  to.put_list(swept.counts.correct);
  to.put_list(swept.counts.confusion);
  to.put(swept.counts.samples);
  to.put(swept.seconds);
  put_detail(to, swept.counts);
}
void put(Encoder& to, const Bounded& bounded) {
  put_large_diagram(to, bounded.result);
  to.put(bounded.seconds);
}

TrainedModel get_trained(Decoder& from) {
  TrainedModel model;
  model.weights = get_weights(from);
  model.validation_accuracy = from.get<double>();
  model.best_epoch = from.get<std::int64_t>();
  model.null_batches = from.get<std::int64_t>();
  model.seconds = from.get<double>();
  model.normalisation.centre = from.get_list<float>();
  model.normalisation.deviation = from.get_list<float>();
  return model;
}
Swept get_swept(Decoder& from) {
  Swept swept;
  swept.counts.correct = from.get_list<std::int64_t>();
  swept.counts.confusion = from.get_list<std::int64_t>();
  swept.counts.samples = from.get<std::int64_t>();
  swept.seconds = from.get<double>();
  get_detail(from, swept.counts);
  return swept;
}
Bounded get_bounded(Decoder& from) {
  Bounded bounded;
  bounded.result = get_large_diagram(from);
  bounded.seconds = from.get<double>();
  return bounded;
}

TaskKind get_kind(Decoder& from) {
  const auto kind = from.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(TaskKind::bounds)) from.refuse("unknown kind of task");
  return static_cast<TaskKind>(kind);
}

}  // namespace

Bytes encode(const Assignment& assignment) {
  const Task& what = assignment.what;
  Encoder to;
  to.put(static_cast<std::uint8_t>(what.kind));
  to.put(what.key.experiment);
  to.put(what.key.model);
  to.put(what.key.run);
  to.put(what.begin);
  to.put(what.end);
  to.put(what.trained);
  to.put(assignment.training);
  to.put(static_cast<std::uint8_t>(assignment.weights.has_value()));
  if (assignment.weights) put_weights(to, *assignment.weights);
  return to.take();
}

Assignment decode_assignment(const Bytes& bytes, const std::string& from) {
  Decoder decoder(bytes, from);
  Assignment assignment;
  Task& what = assignment.what;
  what.kind = get_kind(decoder);
  what.key.experiment = decoder.get<std::int32_t>();
  what.key.model = decoder.get<std::int32_t>();
  what.key.run = decoder.get<std::int64_t>();
  what.begin = decoder.get<std::int64_t>();
  what.end = decoder.get<std::int64_t>();
  what.trained = decoder.get<std::int32_t>();
  assignment.training = decoder.get<std::int32_t>();
  const auto weights = decoder.get<std::uint8_t>();
  if (weights > 1) decoder.refuse("a flag is neither 0 nor 1");
  if (weights == 1) assignment.weights = get_weights(decoder);
  decoder.finish();
  return assignment;
}

/// Begins with the kind of the task, which is the place in the variant.
Bytes encode(const Result& result) {
  Encoder to;
  to.put(static_cast<std::uint8_t>(result.index()));
  std::visit([&](const auto& kind) { put(to, kind); }, result);
  return to.take();
}

Result decode_result(const Bytes& bytes, const std::string& from) {
  Decoder decoder(bytes, from);
  const TaskKind kind = get_kind(decoder);
  Result result;
  if (kind == TaskKind::training) result = get_trained(decoder);
  if (kind == TaskKind::sweep) result = get_swept(decoder);
  if (kind == TaskKind::bounds) result = get_bounded(decoder);
  decoder.finish();
  return result;
}

}  // namespace deepfog::payload
