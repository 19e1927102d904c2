#include "inference/node.hpp"

#include <algorithm>
#include <limits>

namespace deepfog {

constexpr std::size_t kRemembered = 1024;  ///< rounds per hyperconnection, to tell duplicates from late
                                           ///< messages

Node::Node(Messenger& messenger, const std::vector<Phase>& plan, const FailureScript& script,
           StageEngine& engine, SampleSource& samples, Machine& machine, const NodeOptions& options)
    : messenger_(messenger),
      node_links_(messenger.node_links()),
      plan_(plan),
      script_(script),
      engine_(engine),
      samples_(samples),
      machine_(machine),
      options_(options),
      window_(node_links_, options.window),
      stage_done_us_(node_links_.stages().size(), 0),
      received_(static_cast<std::size_t>(node_links_.links())),
      counts_(static_cast<std::size_t>(node_links_.links())),
      suffered_(script.events().size(), false),
      started_us_(messenger.now_us()) {
  for (std::size_t k = 0; k < node_links_.stages().size(); ++k) {
    std::vector<int> hops;
    for (const IncomingLink& in : node_links_.incoming(static_cast<int>(k))) {
      hops.push_back(in.hop);
      received_[static_cast<std::size_t>(in.link)].assign(kRemembered, 0);
    }
    adaptive_timeout_.emplace_back(std::move(hops));
    adaptive_timeout_.back().set(plan_.front().timeout_us, plan_.front().adaptive, options_.least_timeout_us);
    for (const auto& [link, timeout_us] : options_.link_timeouts_us) {
      const NodeLinks::Entry entry = node_links_.entry(link);
      if (entry.stage == static_cast<int>(k))
        adaptive_timeout_.back().fix(static_cast<std::size_t>(entry.input), timeout_us);
    }
  }
  news_.round = -1;  // nothing heard yet
}

std::int64_t Node::step() {
  pump();
  advance();
  release_delayed();
  check_ending();
  return next_us();
}

/// Does everything but computing; also called between the layers of a long computation.
void Node::pump() {
  drain();
  messenger_.tend(messenger_.now_us());
}

void Node::drain() {
  while (auto delivery = messenger_.next()) take(*delivery);
}

bool Node::sensible(const Frame& frame) const {
  return frame.phase < static_cast<std::int32_t>(plan_.size()) && frame.rows >= 1 &&
         frame.rows <= options_.most_rows && frame.first_sample <= options_.samples - frame.rows;
}

bool Node::dead_in(const Frame& frame) const {
  const Phase& phase = plan_[static_cast<std::size_t>(frame.phase)];
  const int position = node_links_.topology().nodes()[static_cast<std::size_t>(node_links_.node())].position;
  return !alive(phase.combination, position) ||
         (phase.script && script_.silent(node_links_.node(), frame.round));
}

void Node::hear_news(const Frame& news) {
  if (news.phase < news_.phase || (news.phase == news_.phase && news.round <= news_.round)) return;
  if (news.phase != news_.phase) {
    const Phase& phase = plan_[static_cast<std::size_t>(news.phase)];
    for (AdaptiveTimeout& adaptive_timeout : adaptive_timeout_)
      adaptive_timeout.set(phase.timeout_us, phase.adaptive, options_.least_timeout_us);
  }
  news_ = news;
  if (node_links_.is_last()) {  // the round driver runs here, so it stays reachable even if it simulates its
                                // death
    suffer(news);
    return;
  }
  messenger_.tell(news, oldest_);
  suffer(news);
  messenger_.be_silent(dead_in(news), messenger_.now_us());
}

/// Drops rounds that are over for all nodes, except while one of them is being worked on.
void Node::hear_oldest(std::int64_t oldest) {
  oldest_ = std::max(oldest_, oldest);
  if (!advancing_) skipped_ += window_.drop_before(oldest_);
}

/// Carries out the script's crashes and hangs of this node, once each.
void Node::suffer(const Frame& news) {
  if (!plan_[static_cast<std::size_t>(news.phase)].script) return;
  for (std::size_t i = 0; i < suffered_.size(); ++i) {
    const FailureEvent& event = script_.events()[i];
    const bool ours = event.node == node_links_.node() && event.first_round <= news.round;
    if (!ours || suffered_[i]) continue;
    if (event.kind != FailureKind::crash && event.kind != FailureKind::hang) continue;
    suffered_[i] = true;
    if (event.kind == FailureKind::crash) machine_.crash();
    if (event.kind == FailureKind::hang) machine_.hang(event.length_us);
  }
}

void Node::begin(const Frame& frame, std::int64_t oldest) {
  hear_news(frame);
  hear_oldest(oldest);
  if (!window_.can_hold(frame.round)) return;
  Round& round = window_.at(frame.round);
  if (!round.begun) begin_round(round, frame);
}

void Node::begin_round(Round& round, const Frame& frame) {
  round.frame = frame;
  round.begun = true;
  round.begun_us = messenger_.now_us();
  round.dead = dead_in(frame);
  for (int k = 0; k < static_cast<int>(round.work.size()); ++k) {
    for (std::size_t i = 0; i < node_links_.incoming(k).size(); ++i) {
      const IncomingLink& in = node_links_.incoming(k)[i];
      Input& input = round.work[static_cast<std::size_t>(k)].inputs[i];
      if (!in.local) input.awaited = !messenger_.suspects(in.sender) && !messenger_.shunned_by(in.sender);
      if (in.source < 0) continue;
      input.state = Input::State::vector;
      input.arrived_us = round.begun_us;
    }
  }
}

NodeReport Node::report() const {
  NodeReport report;
  report.node = node_links_.node();
  report.epoch = messenger_.epoch();
  report.compute_us = compute_us_;
  report.malformed = messenger_.malformed();
  report.rounds_skipped = skipped_;
  report.links = counts_;
  report.transitions = messenger_.membership().transitions();
  for (Transition& transition : report.transitions) transition.time_us -= started_us_;
  if (fill_report_) fill_report_(report);
  return report;
}

void Node::check_ending() {
  const std::int64_t now = messenger_.now_us();
  if (ending_ != NodeEnding::none) return;
  if (options_.deadline_us > 0 && now >= options_.deadline_us) ending_ = NodeEnding::out_of_time;
  if (node_links_.is_last()) return;
  if (messenger_.membership().gone(node_links_.last_node())) {
    ending_ = NodeEnding::orphaned;  // the death is certain: do not wait for a return
  } else if (!messenger_.suspects(node_links_.last_node())) {
    orphan_since_us_ = -1;
  } else if (orphan_since_us_ < 0) {
    orphan_since_us_ = now;
  } else if (now - orphan_since_us_ >= options_.orphan_us) {
    ending_ = NodeEnding::orphaned;
  }
}

/// When a waiting stage proceeds whatever arrives: when the last of its open inputs is given up.
std::int64_t Node::patient_until_us(const Round& round, int k) const {
  std::int64_t latest = 0;
  const StageWork& work = round.work[static_cast<std::size_t>(k)];
  for (std::size_t i = 0; i < work.inputs.size(); ++i) {
    const IncomingLink& in = node_links_.incoming(k)[i];
    if (work.inputs[i].state != Input::State::open) continue;
    if (in.local)
      return std::numeric_limits<std::int64_t>::max();  // its stage runs on this node and has its
                                                        // own deadlines
    if (!given_up(round, k, i)) latest = std::max(latest, due_us(round, k, i));
  }
  return latest;
}

std::int64_t Node::next_us() const {
  std::int64_t next = messenger_.next_us();
  if (options_.deadline_us > 0) next = std::min(next, options_.deadline_us);
  if (orphan_since_us_ >= 0) next = std::min(next, orphan_since_us_ + options_.orphan_us);
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  for (std::int64_t r = window_.base(); r < window_.end(); ++r) {
    const Round& round = window_.existing(r);
    if (!round.begun || round.undone == 0) continue;
    for (int k = 0; k < static_cast<int>(round.work.size()); ++k) {
      const StageWork& work = round.work[static_cast<std::size_t>(k)];
      if (work.state == StageWork::State::held) next = std::min(next, work.release_us);
      if (work.state != StageWork::State::waiting || !in_turn(r, k)) continue;
      next = std::min(next, patient_until_us(round, k));
    }
  }
  return next;
}

}  // namespace deepfog
