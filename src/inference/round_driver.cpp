#include "inference/round_driver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "inference/flow_links.hpp"
#include "models/node_network.hpp"

namespace deepfog {

constexpr std::int64_t kAgainUs = 20'000;  ///< between repeated announcements, as one may have been missed

std::int64_t frames_of(const std::vector<Phase>& plan, int phase, std::int64_t batch, int groups, int group) {
  if (!phase_is_of(plan, phase, groups, group)) return 0;
  const std::int64_t all = (plan[static_cast<std::size_t>(phase)].samples + batch - 1) / batch;
  if (plan.size() > 1) return all;
  return all / groups + (group < all % groups ? 1 : 0);
}

bool phase_is_of(const std::vector<Phase>& plan, int phase, int groups, int group) {
  return plan.size() == 1 || phase % groups == group;
}

RoundDriver::RoundDriver(Node& node, Messenger& messenger, const std::vector<Phase>& plan,
                         const RoundDriverOptions& options, RoundDriverSink& sink)
    : node_(node),
      messenger_(messenger),
      plan_(plan),
      options_(options),
      sink_(sink),
      expected_(messenger.node_links().links()),
      arrivals_(options.seed),
      started_us_(messenger.now_us()) {
  const Topology& topology = messenger.node_links().topology();
  const std::size_t nodes = topology.nodes().size();
  for (std::size_t i = 0; i < nodes; ++i) peers_.push_back(NodeLinks(topology, static_cast<int>(i)).peers());
  views_.assign(nodes, std::vector<std::uint8_t>(nodes, 0));
  reported_.assign(nodes, false);
  written_off_.assign(nodes, false);
  was_suspected_.assign(nodes, false);
  for (int phase = 0; phase < static_cast<int>(plan.size()); ++phase) {
    if (!phase_is_of(plan, phase, options.groups, options.group)) continue;
    phases_.push_back(phase);
    planned_ += frames_of(plan, phase, options.batch, options.groups, options.group);
  }
  node_.on_answer([this](const Answer& answer) { take(answer); });
  node_.on_other([this](const Delivery& delivery) { hear(delivery); });
  if (phases_.empty()) {
    stage_ = Stage::reporting;
    since_us_ = announced_us_ = started_us_;
  } else {
    start_phase(phases_.front());
  }
}

std::int64_t RoundDriver::oldest() const {
  return flying_.empty() ? next_round_ : flying_.begin()->first;
}

bool RoundDriver::planned_alive(int node) const {
  if (written_off_[static_cast<std::size_t>(node)] && messenger_.suspects(node)) return false;
  const Phase& phase = plan_[static_cast<std::size_t>(phases_[std::min(at_, phases_.size() - 1)])];
  const Topology& topology = messenger_.node_links().topology();
  return alive(phase.combination, topology.nodes()[static_cast<std::size_t>(node)].position);
}

/// Writes off the nodes that the plan has alive but that are suspected: they seem to have died.
void RoundDriver::write_off() {
  for (const int peer : messenger_.node_links().peers()) {
    if (planned_alive(peer) && messenger_.suspects(peer)) written_off_[static_cast<std::size_t>(peer)] = true;
  }
}

bool RoundDriver::misses_somebody() const {
  for (const int peer : messenger_.node_links().peers()) {
    if (written_off_[static_cast<std::size_t>(peer)] && messenger_.suspects(peer)) return true;
  }
  return false;
}

void RoundDriver::announce(MessageKind kind, const Frame& frame, bool to_suspected) {
  MessageHeader header;
  header.kind = kind;
  header.frame = frame;
  header.oldest = oldest();
  for (const int peer : messenger_.node_links().peers()) {
    if (to_suspected || !messenger_.suspects(peer))
      messenger_.send(peer, header);  // if refused, it has unread ones
  }
}

void RoundDriver::start_phase(int phase) {
  const Phase& now = plan_[static_cast<std::size_t>(phase)];
  const Topology& topology = messenger_.node_links().topology();
  record_ = {phase, -1, 0};
  expected_ = flow_links(topology, now.combination);
  next_frame_ = plan_.size() > 1 ? 0 : options_.group;
  since_us_ = announced_us_ = next_arrival_us_ = messenger_.now_us();
  stage_ = now.settle ? Stage::settling : Stage::running;
  news_ = true;
  const Frame news{next_round_, phase, 0, 0};
  node_.hear_news(news);
  messenger_.tell(news, oldest());
  announce(MessageKind::phase, news, true);
}

/// Whether every live node agrees with the phase on which of its peers are dead.
bool RoundDriver::settled() const {
  const int last = messenger_.node_links().last_node();
  for (int node = 0; node < static_cast<int>(views_.size()); ++node) {
    if (node != last && !planned_alive(node)) continue;
    for (const int peer : peers_[static_cast<std::size_t>(node)]) {
      if (peer == last) continue;
      const bool suspected =
          node == last ? messenger_.suspects(peer)
                       : views_[static_cast<std::size_t>(node)][static_cast<std::size_t>(peer)] != 0;
      if (suspected == planned_alive(peer)) return false;
    }
  }
  return true;
}

std::int64_t RoundDriver::step() {
  const std::int64_t now = messenger_.now_us();
  for (const int peer : messenger_.node_links().peers()) {  // suspicions due to silence do not pass through
                                                            // hear()
    if (messenger_.suspects(peer)) was_suspected_[static_cast<std::size_t>(peer)] = true;
  }
  if (stage_ == Stage::settling) {
    if (settled()) record_.settle_us = now - since_us_;
    if (record_.settle_us < 0 && now - since_us_ >= options_.settle_us) write_off();
    if (record_.settle_us >= 0 || now - since_us_ >= options_.settle_us || interrupted_) {
      stage_ = Stage::running;
      next_arrival_us_ = now;
    } else if (now - announced_us_ >= kAgainUs) {
      announced_us_ = now;
      announce(MessageKind::phase, {next_round_, record_.phase, 0, 0}, true);
    }
  }
  if (stage_ == Stage::running) feed(now);
  if (stage_ == Stage::reporting) {
    if (nothing_to_wait_for(now)) {
      stage_ = Stage::finished;
    } else if (now - announced_us_ >= kAgainUs) {
      announced_us_ = now;
      announce(MessageKind::end, {next_round_, record_.phase, 0, 0}, true);
    }
  }
  if (stage_ == Stage::finished || news_) {
    news_ = false;
    return 0;  // the node has something to begin
  }
  if (stage_ != Stage::running) return announced_us_ + kAgainUs;
  const bool awaits_arrival = options_.scenario == Scenario::server && !full() && frames_left();
  return awaits_arrival ? next_arrival_us_ : std::numeric_limits<std::int64_t>::max();
}

bool RoundDriver::full() const {
  const int depth = options_.scenario == Scenario::single_stream ? 1 : options_.depth;
  return static_cast<int>(flying_.size()) >= std::min(depth, node_.window());
}

bool RoundDriver::frames_left() const {
  if (interrupted_) return false;
  return next_frame_ * options_.batch < plan_[static_cast<std::size_t>(record_.phase)].samples;
}

/// Silent nodes report when asked; suspected ones get a short time to do so; dead ones never will.
bool RoundDriver::nothing_to_wait_for(std::int64_t now_us) const {
  if (now_us - since_us_ >= options_.report_us) return true;
  for (const int peer : messenger_.node_links().peers()) {
    const bool hopeless = messenger_.suspects(peer) && now_us - since_us_ >= options_.report_us / 8;
    if (!reported_[static_cast<std::size_t>(peer)] && !hopeless) return false;
  }
  return true;
}

/// Begins the rounds that may begin now; proceeds to the next phase when the last answer has arrived.
void RoundDriver::feed(std::int64_t now_us) {
  while (!full()) {
    auto flight = next_flight(now_us);
    if (!flight) break;
    open(std::move(*flight));
  }
  write_rounds();
  const bool repeats_left = !again_.empty() && !interrupted_;
  if (flying_.empty() && !repeats_left && !frames_left()) end_phase();
}

void RoundDriver::end_phase() {
  sink_.phase(record_);
  ++at_;
  if (at_ < phases_.size() && !interrupted_) return start_phase(phases_[at_]);
  stage_ = Stage::reporting;
  since_us_ = announced_us_ = messenger_.now_us();
  announce(MessageKind::end, {next_round_, record_.phase, 0, 0}, true);
}

std::optional<RoundDriver::Flight> RoundDriver::next_flight(std::int64_t now_us) {
  if (interrupted_) return std::nullopt;
  if (!again_.empty()) {
    Flight flight = again_.back();
    again_.pop_back();
    flight.arrival_us = now_us;
    return flight;
  }
  const Phase& phase = plan_[static_cast<std::size_t>(record_.phase)];
  const std::int64_t first = next_frame_ * options_.batch;
  if (!frames_left()) return std::nullopt;
  Flight flight;
  flight.arrival_us = now_us;
  if (options_.scenario == Scenario::server) {
    if (next_arrival_us_ > now_us) return std::nullopt;
    flight.arrival_us = next_arrival_us_;
    next_arrival_us_ += static_cast<std::int64_t>(-std::log(1.0 - arrivals_.uniform()) / options_.rate * 1e6);
  }
  flight.frame.phase = record_.phase;
  flight.frame.first_sample = phase.first_sample + first;
  flight.frame.rows = static_cast<std::int32_t>(std::min(options_.batch, phase.samples - first));
  next_frame_ += plan_.size() > 1 ? 1 : options_.groups;
  return flight;
}

void RoundDriver::open(Flight flight) {
  news_ = true;
  flight.frame.round = next_round_++;
  const Frame frame = flight.frame;
  flying_.emplace(frame.round, std::move(flight));
  messenger_.tell(frame, oldest());
  announce(MessageKind::go, frame, false);
  write_rounds();  // before this node begins, since a script may kill it now
  node_.begin(frame, oldest());
}

bool RoundDriver::wants_repeat(const Flight& flight, const Answer& answer) const {
  const Phase& phase = plan_[static_cast<std::size_t>(flight.frame.phase)];
  return phase.settle && answer.used != expected_ && flight.repeats < options_.most_repeats &&
         !interrupted_ && !misses_somebody();
}

void RoundDriver::take(const Answer& answer) {
  const auto entry = flying_.find(answer.round);
  if (entry == flying_.end()) return;
  Flight flight = entry->second;
  flying_.erase(entry);
  if (wants_repeat(flight, answer)) {
    ++record_.repeats;
    ++flight.repeats;
    again_.push_back(flight);
    return;
  }
  RoundRecord record;
  record.frame = flight.frame;
  record.arrival_us = flight.arrival_us - started_us_;
  record.latency_us = answer.time_us - flight.arrival_us;
  record.phi = answer.phi;
  record.waited_for = answer.waited_for;
  record.used = answer.used;
  record.timed_out = answer.timed_out;
  const Topology& topology = messenger_.node_links().topology();
  const std::int64_t classes = topology.classes(), width = topology.stages().back().output_width;
  for (std::int64_t row = 0; !answer.phi && row < answer.rows; ++row) {
    const float* scores = answer.scores + row * width;
    const bool answered = !topology.has_exits() || scores[classes] >= 0;
    record.predictions.push_back(answered ? largest_score(scores, classes) : -1);
    if (topology.has_exits()) record.exits.push_back(static_cast<std::int64_t>(scores[classes]));
  }
  ++answered_;
  unwritten_.push_back(std::move(record));
}

/// Called after the next round has begun elsewhere, so that the others work while the records are written.
void RoundDriver::write_rounds() {
  for (const RoundRecord& record : unwritten_) sink_.round(record);
  unwritten_.clear();
}

void RoundDriver::hear(const Delivery& delivery) {
  const auto from = static_cast<std::size_t>(delivery.from);
  if (delivery.header.kind == MessageKind::heartbeat) {
    for (std::size_t i = 0; i < views_[from].size(); ++i)
      views_[from][i] = delivery.bytes[kMessageHeaderBytes + i] != 0 ? 1 : 0;
    // The peer has returned: it missed the beginnings of rounds for which the others now wait for it.
    if (was_suspected_[from] && !messenger_.suspects(delivery.from)) {
      for (const auto& [round, flight] : flying_) {
        MessageHeader header;
        header.kind = MessageKind::go;
        header.frame = flight.frame;
        header.oldest = oldest();
        messenger_.send(delivery.from, header);
      }
    }
    was_suspected_[from] = messenger_.suspects(delivery.from);
    return;
  }
  if (delivery.header.kind != MessageKind::report || reported_[from] || finished()) return;
  try {
    const std::vector<char> payload(delivery.bytes.begin() + kMessageHeaderBytes, delivery.bytes.end());
    const NodeReport report = decode_report(payload, delivery.from, messenger_.node_links().links(),
                                            static_cast<int>(views_.size()));
    reported_[from] = true;
    sink_.report(report);
  } catch (const Failure&) {
    messenger_.refuse();  // damaged: it is counted, and the report is asked for again
  }
}

bool RoundDriver::all_reported() const {
  for (const int peer : messenger_.node_links().peers()) {
    if (!reported_[static_cast<std::size_t>(peer)]) return false;
  }
  return true;
}

void RoundDriver::interrupt() {
  interrupted_ = true;
}

void RoundDriver::dismiss(bool clean) {
  announce(MessageKind::leave, {next_round_, record_.phase, clean ? 1 : 0, 0}, true);
}

}  // namespace deepfog
