#include "inference/lone_node.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"

namespace deepfog {
namespace {

MemoryNetworkOptions steady() {
  MemoryNetworkOptions options;
  options.latency_min_us = options.latency_max_us = LoneNode::kLatencyUs;
  options.unfinished_messages = 1'000'000;
  return options;
}

}  // namespace

Topology LoneNode::topology() {
  return parse_topology(
      "topology lone\nsource s 2\nnode a relu:2\nnode b relu:2\nnode m relu:2\nnode server linear:2\n"
      "link s -> a\nlink s -> b\nlink a -> m\nlink b -> m\nlink m -> server\nlink a -> server skip\n"
      "fails a b m\n",
      "lone");
}

LoneNode::Options LoneNode::options() {
  Options options;
  options.node.window = 8;
  options.node.most_rows = 4;
  options.node.samples = 1'000;
  return options;
}

LoneNode::LoneNode(int place, std::vector<Phase> phases, const Options& options)
    : network_topology(topology()),
      plan(std::move(phases)),
      script(FailureScript::parse(options.script, "script", network_topology)),
      network(4, 1, steady()),
      node_links(network_topology, place),
      messenger(network.channel(place), node_links, options.messenger),
      node(messenger, plan, script, *this, *this, *this, options.node),
      place_(place) {}

void LoneNode::raw(int from, std::vector<char> bytes) {
  network.channel(from).send(place_, std::move(bytes));
}

void LoneNode::say(int from, MessageHeader header, const std::vector<char>& payload) {
  header.run = kRun;
  header.epoch = std::max(header.epoch, 1U);
  raw(from, encode_message(header, payload));
}

void LoneNode::go(const Frame& frame, std::int64_t oldest) {
  MessageHeader header;
  header.kind = MessageKind::go;
  header.frame = frame;
  header.oldest = oldest;
  say(node_links.last_node(), header);
}

void LoneNode::message(int from, int link, const Frame& frame, const std::vector<float>& values,
                       const std::vector<int>& used, const std::vector<int>& timed_out) {
  MessageHeader header;
  header.kind = values.empty() ? MessageKind::phi : MessageKind::vector;
  header.run = kRun;
  header.epoch = 1;
  header.link = link;
  header.frame = frame;
  header.columns = static_cast<std::int32_t>(values.size()) / std::max(frame.rows, 1);
  raw(from,
      encode_vector(header, links_of(used), links_of(timed_out), values.empty() ? nullptr : values.data()));
}

void LoneNode::run_until(std::int64_t until_us) {
  for (;;) {
    const std::int64_t next_us = node.step();
    const std::int64_t now_us = network.now_us();
    if (now_us >= until_us) return;
    network.channel(place_).wait(std::min(until_us, std::max(next_us, now_us + 1)));
  }
}

std::vector<LoneNode::Heard> LoneNode::heard(int place) {
  std::vector<Heard> all;
  while (auto message = network.channel(place).receive()) {
    const auto header = decode_header(message->bytes, kRun, node_links.links());
    if (!header) throw Failure("the node has sent what is no message");
    Heard one{*header, {}, links_of({}), links_of({}), {}, network.now_us()};
    const std::size_t offset = payload_offset(header->kind, node_links.links());
    one.payload.assign(message->bytes.begin() + static_cast<std::ptrdiff_t>(offset), message->bytes.end());
    if (offset > kMessageHeaderBytes) decode_link_sets(message->bytes, one.used, one.timed_out);
    if (header->kind == MessageKind::vector) {
      one.values.resize(one.payload.size() / sizeof(float));
      std::memcpy(one.values.data(), one.payload.data(), one.payload.size());
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<LoneNode::Heard> LoneNode::messages(int place) {
  std::vector<Heard> all = heard(place);
  const auto words = std::remove_if(all.begin(), all.end(), [](const Heard& one) {
    return one.header.kind != MessageKind::vector && one.header.kind != MessageKind::phi;
  });
  all.erase(words, all.end());
  return all;
}

bool LoneNode::run(int, const std::vector<const float*>& inputs, std::int64_t rows,
                   std::vector<float>& output, const std::function<void()>& between) {
  output.assign(static_cast<std::size_t>(rows) * 2, 0);
  bool any = false;
  for (const float* input : inputs) {
    if (input == nullptr) continue;
    any = true;
    for (std::size_t i = 0; i < output.size(); ++i) output[i] += input[i];
  }
  if (while_computing) while_computing();
  between();
  if (!any) output.clear();
  return any;
}

const float* LoneNode::rows(int, std::int64_t first, std::int64_t rows) {
  buffer_.clear();
  for (std::int64_t row = first; row < first + rows; ++row) {
    buffer_.insert(buffer_.end(), 2, static_cast<float>(row));
  }
  return buffer_.data();
}

Phase one_phase(std::int64_t timeout_us) {
  Phase phase;
  phase.name = "one";
  phase.samples = 1'000;
  phase.timeout_us = timeout_us;
  return phase;
}

LinkSet links_of(const std::vector<int>& members) {
  LinkSet set(6);
  for (const int link : members) set.add(link);
  return set;
}

}  // namespace deepfog
