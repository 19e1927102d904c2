#include <algorithm>

#include "inference/node.hpp"

namespace deepfog {

// What arrives at a node. Nothing in a parcel is trusted before it has been held against the plan, the wiring
// and the round it claims to belong to.

void Node::take(Delivery& delivery) {
  switch (delivery.header.kind) {
    case ParcelKind::vector:
    case ParcelKind::phi:
      take_message(delivery);
      break;
    default:
      take_word(delivery);
  }
}

void Node::take_word(const Delivery& delivery) {
  const ParcelHeader& header = delivery.header;
  const Frame& frame = header.frame;
  if (header.kind == ParcelKind::heartbeat || header.kind == ParcelKind::report) {
    if (other_) other_(delivery);
    if (header.kind == ParcelKind::report && !wiring_.is_last()) courier_.refuse();
    if (header.kind == ParcelKind::report || delivery.from != wiring_.last_node()) return;
  }
  const bool planned = frame.phase < static_cast<std::int32_t>(plan_.size());
  if (delivery.from != wiring_.last_node() || !planned || header.oldest > frame.round + 1) {
    courier_.refuse();
    return;
  }
  switch (header.kind) {
    case ParcelKind::go:
      if (!sensible(frame)) return courier_.refuse();
      return begin(frame, header.oldest);
    case ParcelKind::phase:
    case ParcelKind::heartbeat:
      hear_news(frame);
      return hear_oldest(header.oldest);
    case ParcelKind::end: {
      ParcelHeader reply;
      reply.kind = ParcelKind::report;
      courier_.send(wiring_.last_node(), reply, encode_report(report()));
      return;
    }
    case ParcelKind::leave:
      if (ending_ == NodeEnding::none)
        ending_ = frame.rows == 1 ? NodeEnding::clean : NodeEnding::after_deaths;
      return;
    default:
      courier_.refuse();
  }
}

void Node::take_message(Delivery& delivery) {
  const ParcelHeader& header = delivery.header;
  const Wiring::Entry entry = wiring_.entry(header.link);
  const bool expected = entry.stage >= 0 && sensible(header.frame) &&
                        !wiring_.incoming(entry.stage)[static_cast<std::size_t>(entry.input)].local;
  if (!expected) return courier_.refuse();
  const auto place = static_cast<std::size_t>(entry.input);
  const IncomingLink& in = wiring_.incoming(entry.stage)[place];
  const bool vector = header.kind == ParcelKind::vector;
  if (delivery.from != in.sender || (vector && (header.columns != in.width || !(header.form == in.form))))
    return courier_.refuse();

  LinkCounts& counts = counts_[static_cast<std::size_t>(header.link)];
  const std::int64_t number = header.frame.round;
  // Rounds that the last node has not begun come from nobody honest; one may just be ahead of its word.
  if (number >= std::max(window_.base(), news_.round) + options_.window) return courier_.refuse();
  std::vector<std::int64_t>& ring = received_[static_cast<std::size_t>(header.link)];
  std::int64_t& seen = ring[static_cast<std::size_t>(number) % ring.size()];
  if (seen == number + 1) {
    ++counts.duplicates;
    return;
  }
  if (number < window_.base() || !window_.can_hold(number)) {
    seen = number + 1;
    ++counts.late;
    patience_[static_cast<std::size_t>(entry.stage)].too_late(place);
    return;
  }
  Round& round = window_.at(number);
  // On the last node a round begins at the conductor's word alone, or its answer would be nobody's.
  const bool fits = round.begun ? round.frame == header.frame : !wiring_.is_last();
  if (!fits) return courier_.refuse();
  seen = number + 1;
  if (!round.begun) begin_round(round, header.frame);
  StageWork& work = round.work[static_cast<std::size_t>(entry.stage)];
  Input& input = work.inputs[place];
  if (input.state != Input::State::open || work.state != StageWork::State::waiting) {
    ++counts.late;
    patience_[static_cast<std::size_t>(entry.stage)].too_late(place);
    return;
  }
  ++counts.arrived;
  input.arrived_us = courier_.now_us();
  input.state = vector ? Input::State::vector : Input::State::phi;
  input.bytes = std::move(delivery.bytes);
  if (vector) {
    const char* payload = input.bytes.data() + payload_offset(header.kind, wiring_.links());
    if (in.form.plain()) {
      input.values = reinterpret_cast<const float*>(payload);
    } else {
      input.decoded = decode_values(in.form, payload, header.frame.rows, in.width);
      input.values = input.decoded.data();
    }
  }
  patience_[static_cast<std::size_t>(entry.stage)].arrived(place, input.arrived_us - round.begun_us);
}

}  // namespace deepfog
