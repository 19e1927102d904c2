#include "campaign/records.hpp"

#include <algorithm>

#include "campaign/codec.hpp"

namespace deepfog::record {
namespace {

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

}  // namespace

LogRecord encode(const Inputs& record) {
  Encoder to;
  to.put_text(record.created);
  to.put_text(record.lines);
  return {inputs_type, to.take()};
}

LogRecord encode(const Training& record) {
  Encoder to;
  put(to, record.key);
  to.put_text(record.weights_sha256);
  to.put(record.validation_accuracy);
  to.put(record.best_epoch);
  to.put(record.null_batches);
  to.put(record.seconds);
  return {training_type, to.take()};
}

LogRecord encode(const Sweep& record) {
  Encoder to;
  put(to, record.key);
  to.put(record.begin);
  to.put(record.end);
  to.put_text(record.weights_sha256);
  to.put_list(record.counts.correct);
  to.put_list(record.counts.confusion);
  to.put(record.counts.samples);
  to.put(record.seconds);
  put_detail(to, record.counts);
  return {sweep_type, to.take()};
}

LogRecord encode(const Bounds& record) {
  Encoder to;
  put(to, record.key);
  to.put_text(record.weights_sha256);
  put_large_diagram(to, record.result);
  to.put(record.seconds);
  return {bounds_type, to.take()};
}

LogRecord encode(const FailedTask& record) {
  Encoder to;
  put(to, record.key);
  to.put(static_cast<std::uint8_t>(record.kind));
  to.put(record.begin);
  to.put(record.end);
  to.put(static_cast<std::uint8_t>(record.failure));
  to.put_text(record.reason);
  return {failed_type, to.take()};
}

LogRecord encode(const Change& record) {
  Encoder to;
  to.put_text(record.config);
  to.put_text(record.inputs);
  return {change_type, to.take()};
}

LogRecord encode(const SessionResults& record) {
  Encoder to;
  to.put(static_cast<std::uint64_t>(record.text.size()));
  for (const auto& [name, value] : record.text) {
    to.put_text(name);
    to.put_text(value);
  }
  to.put(static_cast<std::uint64_t>(record.integers.size()));
  for (const auto& [name, value] : record.integers) {
    to.put_text(name);
    to.put(value);
  }
  to.put_text(record.environment);
  return {session_type, to.take()};
}

LogRecord encode(const SessionEnd& record) {
  Encoder to;
  to.put_text(record.ended);
  return {session_end_type, to.take()};
}

Inputs decode_inputs(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  Inputs inputs;
  inputs.created = from.get_text();
  inputs.lines = from.get_text();
  from.finish();
  return inputs;
}

Training decode_training(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  Training training;
  training.key = get_key(from);
  training.weights_sha256 = from.get_text();
  training.validation_accuracy = from.get<double>();
  training.best_epoch = from.get<std::int64_t>();
  training.null_batches = from.get<std::int64_t>();
  training.seconds = from.get<double>();
  from.finish();
  return training;
}

Sweep decode_sweep(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  Sweep sweep;
  sweep.key = get_key(from);
  sweep.begin = from.get<std::int64_t>();
  sweep.end = from.get<std::int64_t>();
  sweep.weights_sha256 = from.get_text();
  sweep.counts.correct = from.get_list<std::int64_t>();
  sweep.counts.confusion = from.get_list<std::int64_t>();
  sweep.counts.samples = from.get<std::int64_t>();
  sweep.seconds = from.get<double>();
  get_detail(from, sweep.counts);
  from.finish();
  return sweep;
}

Bounds decode_bounds(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  Bounds bounds;
  bounds.key = get_key(from);
  bounds.weights_sha256 = from.get_text();
  bounds.result = get_large_diagram(from);
  bounds.seconds = from.get<double>();
  from.finish();
  return bounds;
}

FailedTask decode_failed(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  FailedTask failed;
  failed.key = get_key(from);
  const auto kind = from.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(TaskKind::bounds)) from.refuse("unknown kind of task");
  failed.kind = static_cast<TaskKind>(kind);
  failed.begin = from.get<std::int64_t>();
  failed.end = from.get<std::int64_t>();
  const auto failure = from.get<std::uint8_t>();
  if (failure > static_cast<std::uint8_t>(TaskFailure::lasting)) from.refuse("unknown kind of failure");
  failed.failure = static_cast<TaskFailure>(failure);
  failed.reason = from.get_text();
  from.finish();
  return failed;
}

Change decode_change(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  Change change;
  change.config = from.get_text();
  change.inputs = from.get_text();
  from.finish();
  return change;
}

SessionResults decode_session(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  SessionResults session;
  for (std::size_t left = from.get_size(2 * sizeof(std::uint64_t)); left > 0; --left) {
    const std::string name = from.get_text();
    session.text[name] = from.get_text();
  }
  for (std::size_t left = from.get_size(2 * sizeof(std::uint64_t)); left > 0; --left) {
    const std::string name = from.get_text();
    session.integers[name] = from.get<std::int64_t>();
  }
  session.environment = from.get_text();
  from.finish();
  return session;
}

SessionEnd decode_session_end(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  SessionEnd end{from.get_text()};
  from.finish();
  return end;
}

bool is_task(const LogRecord& record) {
  return record.type == training_type || record.type == sweep_type || record.type == bounds_type ||
         record.type == failed_type;
}

RunKey key_of(const LogRecord& record, const std::string& where) {
  Decoder from(record.payload, where);
  return get_key(from);
}

LogRecord with_key(const LogRecord& record, const RunKey& key) {
  Encoder to;
  put(to, key);
  const std::vector<char> bytes = to.take();
  LogRecord moved = record;
  std::copy(bytes.begin(), bytes.end(), moved.payload.begin());
  return moved;
}

}  // namespace deepfog::record
