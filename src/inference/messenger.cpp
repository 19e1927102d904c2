#include "inference/messenger.hpp"

#include <algorithm>

namespace deepfog {
namespace {

/// Epochs rise one at a time. One that is far ahead is taken for damage, as it would lock its peer out for
/// good.
constexpr std::uint32_t kEpochLeap = 1U << 20;

}  // namespace

Messenger::Messenger(Channel& channel, const NodeLinks& node_links, const MessengerOptions& options)
    : channel_(channel),
      node_links_(node_links),
      options_(options),
      membership_(node_links.peers(), channel.places(), options.limit_us, channel.now_us()),
      shunned_by_(static_cast<std::size_t>(channel.places()), false),
      last_here_us_(channel.now_us()),
      next_beat_us_(channel.now_us()) {}

std::optional<Delivery> Messenger::next() {
  notice_absence(now_us());
  while (auto message = channel_.receive()) {
    const auto header = decode_header(message->bytes, options_.run, node_links_.links());
    const bool known =
        message->from >= 0 && message->from < channel_.places() && message->from != node_links_.node();
    const bool sized = header && (header->kind != MessageKind::heartbeat ||
                                  message->bytes.size() ==
                                      kMessageHeaderBytes + static_cast<std::size_t>(channel_.places()));
    if (!known || !sized || header->epoch == 0 ||
        header->epoch > membership_.epoch(message->from) + kEpochLeap) {
      ++malformed_;
      continue;
    }
    const std::int64_t now = now_us();
    membership_.heard(message->from, header->epoch, now, newest_.round);
    shunned_by_[static_cast<std::size_t>(message->from)] = header->suspects_you;  // data messages say that
                                                                                  // the sender does not
    Delivery delivery{message->from, *header, std::move(message->bytes)};
    if (header->kind == MessageKind::heartbeat) read_heartbeat(delivery, now);
    return delivery;
  }
  return std::nullopt;
}

void Messenger::read_heartbeat(const Delivery& delivery, std::int64_t now_us) {
  // The sender suspects this node, which is alive: only a higher epoch convinces it. A node that simulates
  // its own death does not object.
  const MessageHeader& header = delivery.header;
  if (!header.suspects_you || silent_ || header.about_epoch < epoch_) return;
  if (header.about_epoch > epoch_ + kEpochLeap) return;
  epoch_ = header.about_epoch;
  renew(now_us);
}

void Messenger::fill(MessageHeader& header) const {
  header.run = options_.run;
  header.epoch = epoch_;
}

bool Messenger::send(int to, MessageHeader header, const std::vector<char>& payload) {
  fill(header);
  return channel_.send(to, encode_message(header, payload));
}

std::size_t Messenger::send_vector(int to, MessageHeader header, const LinkSet& used,
                                   const LinkSet& timed_out, const float* values) {
  fill(header);
  std::vector<char> bytes = encode_vector(header, used, timed_out, values);
  const std::size_t size = bytes.size();
  return channel_.send(to, std::move(bytes)) ? size : 0;
}

void Messenger::beat(std::int64_t now_us) {
  next_beat_us_ = now_us + options_.heartbeat_us;
  if (silent_) return;
  const std::vector<std::uint8_t> view = membership_.view();
  const std::vector<char> payload(view.begin(), view.end());
  MessageHeader header;
  header.kind = MessageKind::heartbeat;
  header.frame = newest_;
  header.oldest = oldest_;
  for (const int peer : node_links_.peers()) {
    header.suspects_you = suspects(peer);
    header.about_epoch = membership_.epoch(peer);
    send(peer, header, payload);  // if refused, the peer has many unread heartbeats, which say the same
  }
}

void Messenger::renew(std::int64_t now_us) {
  ++epoch_;
  beat(now_us);
}

void Messenger::be_silent(bool silent, std::int64_t now_us) {
  if (silent == silent_) return;
  silent_ = silent;
  if (!silent) renew(now_us);
}

/// This node was stopped, or computed for so long that the others believe it dead.
void Messenger::notice_absence(std::int64_t now_us) {
  const bool was_away = now_us - last_here_us_ > options_.limit_us;
  last_here_us_ = now_us;
  if (!was_away) return;
  membership_.forgive(now_us);
  renew(now_us);
}

void Messenger::tend(std::int64_t now_us) {
  notice_absence(now_us);
  for (const int peer : node_links_.peers()) {
    if (channel_.lost(peer)) membership_.lost(peer, now_us, newest_.round);
  }
  membership_.look(now_us, newest_.round);
  if (now_us >= next_beat_us_) beat(now_us);
}

void Messenger::doubt(int peer) {
  const std::int64_t now = now_us();
  if (membership_.silent_for_us(peer, now) > 2 * options_.heartbeat_us)
    membership_.suspect(peer, now, newest_.round);
}

std::int64_t Messenger::next_us() const {
  return std::min(next_beat_us_, membership_.next_us());
}

}  // namespace deepfog
