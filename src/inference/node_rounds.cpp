#include <algorithm>

#include "inference/node.hpp"

namespace deepfog {

// Progress of a node through its rounds: every stage takes them in order, and several are in hand at once.

/// Takes one step at a time and drops finished rounds in between: otherwise, under continuous work, the
/// window would fill up and could not hold the next round that the last node announces. The last node stops
/// after each answer, since its round driver has to begin the next round before the others run out of work.
void Node::advance() {
  const auto one_step = [this](bool& answered) {
    for (std::int64_t r = window_.base(); r < window_.end(); ++r) {
      Round& round = window_.existing(r);
      if (!round.begun || round.undone == 0) continue;
      for (int k = 0; k < static_cast<int>(round.work.size()); ++k) {
        if (!advance_stage(round, k)) continue;
        answered = node_links_.is_last() && round.undone == 0 && !round.dead;
        return true;
      }
    }
    return false;
  };
  for (bool moved = true, answered = false; moved && !answered;) {
    advancing_ = true;
    moved = one_step(answered);
    advancing_ = false;
    window_.drop_finished();
    hear_oldest(oldest_);
    if (moved && !answered) pump();
  }
}

bool Node::advance_stage(Round& round, int k) {
  StageWork& work = round.work[static_cast<std::size_t>(k)];
  if (round.dead) return play_dead(round, k);
  if (work.state == StageWork::State::waiting) {
    if (!in_turn(round.frame.round, k) || !ready(round, k)) return false;
    fire(round, k);
    const std::int64_t slow_us = plan_[static_cast<std::size_t>(round.frame.phase)].script
                                     ? script_.slow_us(node_links_.node(), round.frame.round)
                                     : 0;
    work.release_us = messenger_.now_us() + slow_us;
    work.state = StageWork::State::held;
  }
  if (work.state != StageWork::State::held || messenger_.now_us() < work.release_us) return false;
  deliver(round, k);
  return true;
}

/// Neither computes nor sends. The last node answers Φ.
bool Node::play_dead(Round& round, int k) {
  StageWork& work = round.work[static_cast<std::size_t>(k)];
  if (work.state == StageWork::State::done || !in_turn(round.frame.round, k)) return false;
  work.state = StageWork::State::done;
  work.phi = true;
  --round.undone;
  answer(round, k);
  return true;
}

void Node::answer(const Round& round, int k) {
  const StageWork& work = round.work[static_cast<std::size_t>(k)];
  if (node_links_.stages()[static_cast<std::size_t>(k)] != node_links_.topology().last_stage() || !answer_)
    return;
  answer_({round.frame.round, round.frame.rows, work.phi, work.phi ? nullptr : work.output.data(), work.used,
           work.timed_out, work.waited_for, messenger_.now_us()});
}

/// Whether every earlier round that has begun is done with this stage.
bool Node::in_turn(std::int64_t round, int k) const {
  for (std::int64_t r = window_.base(); r < round; ++r) {
    const Round& earlier = window_.existing(r);
    if (earlier.begun && earlier.work[static_cast<std::size_t>(k)].state != StageWork::State::done)
      return false;
  }
  return true;
}

std::int64_t Node::due_us(const Round& round, int k, std::size_t input) const {
  const auto stage = static_cast<std::size_t>(k);
  return std::max(round.begun_us, stage_done_us_[stage]) + adaptive_timeout_[stage].limit_us(input);
}

/// Whether every row has left at an exit whose scores have arrived; the inputs from later exits, from `input`
/// on, are then not waited for. In a phase that settles they are, since its rounds must use every
/// hyperconnection that the plan has.
bool Node::answered_early(const Round& round, int k, std::size_t input) const {
  const int stage = node_links_.stages()[static_cast<std::size_t>(k)];
  if (node_links_.topology().stages()[static_cast<std::size_t>(stage)].aggregation != Aggregation::answers)
    return false;
  if (input == 0 || plan_[static_cast<std::size_t>(round.frame.phase)].settle) return false;
  const auto& inputs = round.work[static_cast<std::size_t>(k)].inputs;
  for (std::int64_t row = 0; row < round.frame.rows; ++row) {
    bool left = false;
    for (std::size_t i = 0; i < input && !left; ++i) {
      const std::int64_t width = node_links_.incoming(k)[i].width;
      left = inputs[i].state == Input::State::vector && inputs[i].values[(row + 1) * width - 1] == 1.0F;
    }
    if (!left) return false;
  }
  return true;
}

bool Node::ready(const Round& round, int k) const {
  const StageWork& work = round.work[static_cast<std::size_t>(k)];
  const std::int64_t now = messenger_.now_us();
  for (std::size_t i = 0; i < work.inputs.size(); ++i) {
    if (work.inputs[i].state != Input::State::open) continue;
    const IncomingLink& in = node_links_.incoming(k)[i];
    if (answered_early(round, k, i)) return true;
    if (in.local) return false;  // its stage runs earlier on this node
    if (!given_up(round, k, i) && now < due_us(round, k, i)) return false;
  }
  return true;
}

/// Nobody waits for a suspected peer, unless the phase measures what that costs. The same holds for a peer
/// that returns in the middle of a round: it may have missed the beginning, or others may not have sent to
/// it.
bool Node::given_up(const Round& round, int k, std::size_t input) const {
  const bool awaited = round.work[static_cast<std::size_t>(k)].inputs[input].awaited;
  return plan_[static_cast<std::size_t>(round.frame.phase)].suspects &&
         (!awaited || messenger_.suspects(node_links_.incoming(k)[input].sender));
}

void Node::fire(Round& round, int k) {
  const auto stage = static_cast<std::size_t>(k);
  StageWork& work = round.work[stage];
  std::vector<const float*> values(work.inputs.size(), nullptr);
  std::int64_t last_us = -1;
  LinkSet used(node_links_.links()), timed_out(node_links_.links());
  bool early = false;
  for (std::size_t i = 0; i < work.inputs.size(); ++i) {
    Input& input = work.inputs[i];
    const IncomingLink& in = node_links_.incoming(k)[i];
    early = early || answered_early(round, k, i);
    if (input.state == Input::State::open) {
      input.state = Input::State::given_up;
      if (early || in.local || given_up(round, k, i)) continue;  // nobody waited for it
      work.timed_out.add(in.link);
      ++counts_[static_cast<std::size_t>(in.link)].timeouts;
      if (plan_[static_cast<std::size_t>(round.frame.phase)].suspects) messenger_.doubt(in.sender);
      input.arrived_us = messenger_.now_us();
    }
    if (!in.local && !input.bytes.empty()) {
      decode_link_sets(input.bytes, used, timed_out);
      work.used.add(used);
      work.timed_out.add(timed_out);
    }
    if (in.source >= 0) input.values = samples_.rows(in.source, round.frame.first_sample, round.frame.rows);
    if (input.state == Input::State::vector) {
      values[i] = input.values;
      work.used.add(in.link);
    }
    if (!in.local && input.arrived_us > last_us) {
      last_us = input.arrived_us;
      work.waited_for = in.link;
    }
  }
  const std::int64_t before = messenger_.now_us();
  work.phi =
      !engine_.run(node_links_.stages()[stage], values, round.frame.rows, work.output, [this] { pump(); });
  compute_us_ += messenger_.now_us() - before;
  if (work.phi) work.used = LinkSet(node_links_.links());  // a gate that has a verdict but no data to pass on
  for (Input& input : work.inputs) {
    std::vector<char>().swap(input.bytes);
    std::vector<float>().swap(input.decoded);
    input.values = nullptr;
  }
}

void Node::deliver(Round& round, int k) {
  const auto stage = static_cast<std::size_t>(k);
  StageWork& work = round.work[stage];
  work.state = StageWork::State::done;
  stage_done_us_[stage] = messenger_.now_us();
  --round.undone;
  const int index = node_links_.stages()[stage];
  for (const int link : node_links_.topology().stages()[static_cast<std::size_t>(index)].outgoing) {
    const NodeLinks::Entry entry = node_links_.entry(link);
    if (entry.stage < 0) {
      send_output(round, k, link);
      continue;
    }
    StageWork& next = round.work[static_cast<std::size_t>(entry.stage)];
    Input& input = next.inputs[static_cast<std::size_t>(entry.input)];
    input.state = work.phi ? Input::State::phi : Input::State::vector;
    input.values = work.output.data();
    input.arrived_us = messenger_.now_us();
    next.used.add(work.used);
    next.timed_out.add(work.timed_out);
  }
  answer(round, k);
  release(round, k);
  for (const IncomingLink& in : node_links_.incoming(k)) {
    if (in.place >= 0) release(round, in.place);
  }
}

/// Frees an output that no further stage of this node reads, so that only a few outputs of a deep network are
/// in memory at a time.
void Node::release(Round& round, int k) {
  StageWork& work = round.work[static_cast<std::size_t>(k)];
  const int index = node_links_.stages()[static_cast<std::size_t>(k)];
  for (const int link : node_links_.topology().stages()[static_cast<std::size_t>(index)].outgoing) {
    const NodeLinks::Entry entry = node_links_.entry(link);
    if (entry.stage < 0) continue;
    if (round.work[static_cast<std::size_t>(entry.stage)].state != StageWork::State::done) return;
  }
  std::vector<float>().swap(work.output);
}

void Node::send_output(Round& round, int k, int link) {
  const StageWork& work = round.work[static_cast<std::size_t>(k)];
  const int to = receiving_node(node_links_.topology(), link);
  if (messenger_.suspects(to)) return;  // only heartbeats go there
  MessageHeader header;
  header.kind = work.phi ? MessageKind::phi : MessageKind::vector;
  header.link = link;
  header.frame = round.frame;
  header.columns = work.phi
                       ? 0
                       : static_cast<std::int32_t>(
                             node_links_.topology().hyperconnections()[static_cast<std::size_t>(link)].width);
  if (!work.phi)
    header.form = form_of(node_links_.topology().hyperconnections()[static_cast<std::size_t>(link)]);
  LinkCounts& counts = counts_[static_cast<std::size_t>(link)];
  const bool scripted = plan_[static_cast<std::size_t>(round.frame.phase)].script;
  if (scripted && script_.loses(link, round.frame.round)) {
    ++counts.lost;
    return;
  }
  const std::int64_t delay_us = scripted ? script_.delay_us(link, round.frame.round) : 0;
  if (delay_us > 0) {
    ++counts.delayed;
    StageWork copy;
    copy.phi = work.phi;
    copy.output = work.output;
    copy.used = work.used;
    copy.timed_out = work.timed_out;
    delayed_.emplace(messenger_.now_us() + delay_us, Delayed{to, header, std::move(copy)});
    return;
  }
  send_now(to, header, work);
}

void Node::send_now(int to, const MessageHeader& header, const StageWork& work) {
  LinkCounts& counts = counts_[static_cast<std::size_t>(header.link)];
  const std::size_t bytes =
      messenger_.send_vector(to, header, work.used, work.timed_out, work.phi ? nullptr : work.output.data());
  if (bytes == 0) {
    ++counts.lost;
    return;
  }
  ++(work.phi ? counts.phis : counts.messages);
  counts.bytes += static_cast<std::int64_t>(bytes);
  if (work.phi) return;
  const std::int64_t rows = header.frame.rows;
  const std::int64_t travelling = travelling_rows(header.form, work.output.data(), rows, header.columns);
  counts.payload += static_cast<std::int64_t>(payload_bytes(header.form, rows, travelling, header.columns));
}

void Node::release_delayed() {
  while (!delayed_.empty() && delayed_.begin()->first <= messenger_.now_us()) {
    const Delayed delayed = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    if (!messenger_.suspects(delayed.to)) send_now(delayed.to, delayed.header, delayed.work);
  }
}

}  // namespace deepfog
