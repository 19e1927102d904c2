#include <algorithm>

#include "inference/node.hpp"

namespace deepfog {

// Handling of arriving messages. Nothing in a message is trusted before it has been checked against the plan,
// the node's links and the round it claims to belong to.

void Node::take(Delivery& delivery) {
  switch (delivery.header.kind) {
    case MessageKind::vector:
    case MessageKind::phi:
      take_message(delivery);
      break;
    default:
      take_word(delivery);
  }
}

void Node::take_word(const Delivery& delivery) {
  const MessageHeader& header = delivery.header;
  const Frame& frame = header.frame;
  if (header.kind == MessageKind::heartbeat || header.kind == MessageKind::report) {
    if (other_) other_(delivery);
    if (header.kind == MessageKind::report && !node_links_.is_last()) messenger_.refuse();
    if (header.kind == MessageKind::report || delivery.from != node_links_.last_node()) return;
  }
  const bool planned = frame.phase < static_cast<std::int32_t>(plan_.size());
  if (delivery.from != node_links_.last_node() || !planned || header.oldest > frame.round + 1) {
    messenger_.refuse();
    return;
  }
  switch (header.kind) {
    case MessageKind::go:
      if (!sensible(frame)) return messenger_.refuse();
      return begin(frame, header.oldest);
    case MessageKind::phase:
    case MessageKind::heartbeat:
      hear_news(frame);
      return hear_oldest(header.oldest);
    case MessageKind::end: {
      MessageHeader reply;
      reply.kind = MessageKind::report;
      messenger_.send(node_links_.last_node(), reply, encode_report(report()));
      return;
    }
    case MessageKind::leave:
      if (ending_ == NodeEnding::none)
        ending_ = frame.rows == 1 ? NodeEnding::clean : NodeEnding::after_deaths;
      return;
    default:
      messenger_.refuse();
  }
}

void Node::take_message(Delivery& delivery) {
  const MessageHeader& header = delivery.header;
  const NodeLinks::Entry entry = node_links_.entry(header.link);
  const bool expected = entry.stage >= 0 && sensible(header.frame) &&
                        !node_links_.incoming(entry.stage)[static_cast<std::size_t>(entry.input)].local;
  if (!expected) return messenger_.refuse();
  const auto place = static_cast<std::size_t>(entry.input);
  const IncomingLink& in = node_links_.incoming(entry.stage)[place];
  const bool vector = header.kind == MessageKind::vector;
  if (delivery.from != in.sender || (vector && (header.columns != in.width || !(header.form == in.form))))
    return messenger_.refuse();

  LinkCounts& counts = counts_[static_cast<std::size_t>(header.link)];
  const std::int64_t number = header.frame.round;
  // A sender may be ahead of the last node's announcement, but not by more than the window: such a message is
  // wrong.
  if (number >= std::max(window_.base(), news_.round) + options_.window) return messenger_.refuse();
  std::vector<std::int64_t>& ring = received_[static_cast<std::size_t>(header.link)];
  std::int64_t& seen = ring[static_cast<std::size_t>(number) % ring.size()];
  if (seen == number + 1) {
    ++counts.duplicates;
    return;
  }
  if (number < window_.base() || !window_.can_hold(number)) {
    seen = number + 1;
    ++counts.late;
    adaptive_timeout_[static_cast<std::size_t>(entry.stage)].too_late(place);
    return;
  }
  Round& round = window_.at(number);
  // On the last node only the round driver begins rounds; otherwise nobody would take the answer.
  const bool fits = round.begun ? round.frame == header.frame : !node_links_.is_last();
  if (!fits) return messenger_.refuse();
  seen = number + 1;
  if (!round.begun) begin_round(round, header.frame);
  StageWork& work = round.work[static_cast<std::size_t>(entry.stage)];
  Input& input = work.inputs[place];
  if (input.state != Input::State::open || work.state != StageWork::State::waiting) {
    ++counts.late;
    adaptive_timeout_[static_cast<std::size_t>(entry.stage)].too_late(place);
    return;
  }
  ++counts.arrived;
  input.arrived_us = messenger_.now_us();
  input.state = vector ? Input::State::vector : Input::State::phi;
  input.bytes = std::move(delivery.bytes);
  if (vector) {
    const char* payload = input.bytes.data() + payload_offset(header.kind, node_links_.links());
    if (in.form.plain()) {
      input.values = reinterpret_cast<const float*>(payload);
    } else {
      input.decoded = decode_values(in.form, payload, header.frame.rows, in.width);
      input.values = input.decoded.data();
    }
  }
  adaptive_timeout_[static_cast<std::size_t>(entry.stage)].arrived(place, input.arrived_us - round.begun_us);
}

}  // namespace deepfog
