#include "scheduler/protocol.hpp"

#include "core/codec.hpp"

namespace deepfog::protocol {
namespace {

constexpr std::uint32_t magic = 0x36574644;  // "DFW6": version 6

void put(Encoder& to, const Claim& message) {
  to.put(message.at_hand);
}
void put(Encoder& to, const Result& message) {
  to.put(message.task);
  to.put_list(message.payload);
}
void put(Encoder& to, const Progress& message) {
  to.put(message.task);
  to.put(message.part);
  to.put_text(message.note);
}
void put(Encoder& to, const Failed& message) {
  to.put(message.task);
  to.put_text(message.text);
  to.put(static_cast<std::uint8_t>(message.kind));
}
void put(Encoder& to, const Signalled& message) {
  to.put(message.signal);
}
void put(Encoder&, const Stopped&) {}
void put(Encoder& to, const Assignment& message) {
  to.put(message.task);
  to.put_list(message.payload);
}
void put(Encoder&, const Stop&) {}
void put(Encoder&, const Alive&) {}

void get(Decoder& from, Claim& message) {
  message.at_hand = from.get<std::int32_t>();
}
void get(Decoder& from, Result& message) {
  message.task = from.get<std::int32_t>();
  message.payload = from.get_list<char>();
}
void get(Decoder& from, Progress& message) {
  message.task = from.get<std::int32_t>();
  message.part = from.get<double>();
  message.note = from.get_text();
}
void get(Decoder& from, Failed& message) {
  message.task = from.get<std::int32_t>();
  message.text = from.get_text();
  const auto kind = from.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(TaskFailure::lasting)) from.refuse("unknown kind of failure");
  message.kind = static_cast<TaskFailure>(kind);
}
void get(Decoder& from, Signalled& message) {
  message.signal = from.get<std::int32_t>();
}
void get(Decoder&, Stopped&) {}
void get(Decoder& from, Assignment& message) {
  message.task = from.get<std::int32_t>();
  message.payload = from.get_list<char>();
}
void get(Decoder&, Stop&) {}
void get(Decoder&, Alive&) {}

/// The message whose place in the variant is `kind`.
template <std::size_t place = 0>
Message get_message(Decoder& from, std::size_t kind) {
  if constexpr (place == std::variant_size_v<Message>) {
    from.refuse("unknown kind of message");
  } else {
    if (kind != place) return get_message<place + 1>(from, kind);
    std::variant_alternative_t<place, Message> message;
    get(from, message);
    return message;
  }
}

std::size_t get_header(Decoder& from) {
  if (from.get<std::uint32_t>() != magic) from.refuse("not a message of this program's version");
  const auto kind = from.get<std::uint8_t>();
  if (kind >= std::variant_size_v<Message>) from.refuse("unknown kind of message");
  return kind;
}

}  // namespace

Bytes encode(const Message& message) {
  Encoder encoder;
  encoder.put(magic);
  encoder.put(static_cast<std::uint8_t>(message.index()));
  std::visit([&](const auto& kind) { put(encoder, kind); }, message);
  return encoder.take();
}

Message decode(const Bytes& bytes, const std::string& from) {
  Decoder decoder(bytes, from);
  const std::size_t kind = get_header(decoder);
  Message message = get_message(decoder, kind);
  decoder.finish();
  return message;
}

std::size_t kind_of(const Bytes& bytes, const std::string& from) {
  Decoder decoder(bytes, from);
  return get_header(decoder);
}

}  // namespace deepfog::protocol
