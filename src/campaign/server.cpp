#include "campaign/server.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace deepfog {

Server::Server(const CampaignSpec& spec, const Plan& plan, Board& board, Ledger& ledger,
               Switchboard& switchboard, ServerCalls calls, const Patience& patience)
    : spec_(spec),
      plan_(plan),
      board_(board),
      ledger_(ledger),
      switchboard_(switchboard),
      calls_(std::move(calls)),
      patience_(patience),
      peers_(static_cast<std::size_t>(switchboard.workers())) {}

Ending Server::run() {
  show("starting");
  while (!all_stopped()) {
    const auto letter = switchboard_.next(Deadline::in(std::chrono::milliseconds(20)));
    try {
      if (letter) handle(*letter);
      if (look_for_work_) serve_parked();  // before the next letter: with many ranks there always is one
      look_after();
    } catch (const std::exception& error) {
      fail(error.what());
    }
  }
  if (state_ == State::failed) throw Failure(failure_);
  return state_ == State::finished ? Ending::finished : Ending::interrupted;
}

void Server::handle(const Letter& letter) {
  Peer& peer = peers_.at(static_cast<std::size_t>(letter.worker));
  peer.silence.heard();
  said::Word word = said::decode(letter.bytes, "a message from " + name(letter.worker));
  std::visit([&](auto& kind) { hear(letter.worker, kind); }, word);
}

void Server::hear(int worker, said::Claim& word) {
  peers_[static_cast<std::size_t>(worker)].parked = word;
  look_for_work_ = true;
}

const Unit& Server::claimed(int worker, int unit) const {
  if (board_.claimed_by(worker) != unit) {
    throw Failure(name(worker) + " speaks of unit " + std::to_string(unit) + ", which it has not claimed");
  }
  return plan_.units[static_cast<std::size_t>(unit)];
}

void Server::hear(int worker, said::Trained& word) {
  claimed(worker, word.unit);
  ledger_.add_training(word.unit, word.model);
  finished(worker, word.unit);
}

void Server::hear(int worker, said::Swept& word) {
  claimed(worker, word.unit);
  ledger_.add_sweep(word.unit, std::move(word.counts), word.seconds);
  finished(worker, word.unit);
}

void Server::hear(int worker, said::Bounded& word) {
  claimed(worker, word.unit);
  ledger_.add_bounds(word.unit, std::move(word.result), word.seconds);
  finished(worker, word.unit);
}

void Server::finished(int worker, int unit) {
  board_.complete(unit, worker);
  finished(worker, unit, "");
}

void Server::finished(int worker, int unit, const std::string& how) {
  peers_[static_cast<std::size_t>(worker)].part_done = 0;
  look_for_work_ = unsaved_ = true;
  show(describe(spec_, plan_.units[static_cast<std::size_t>(unit)]) + (how.empty() ? "" : ", " + how));
  if (state_ == State::running && board_.all_done()) stop(State::finished);
}

void Server::hear(int worker, said::Epoch& word) {
  const Unit& unit = claimed(worker, word.unit);
  const ModelSpec& model = spec_.experiments[static_cast<std::size_t>(unit.key.experiment)]
                               .models[static_cast<std::size_t>(unit.key.model)];
  const double part = static_cast<double>(word.epoch) / static_cast<double>(model.training.epochs);
  peers_[static_cast<std::size_t>(worker)].part_done = unit.cost * std::clamp(part, 0.0, 1.0);
  show(describe(spec_, unit) + ", epoch " + std::to_string(word.epoch) + " of " +
       std::to_string(model.training.epochs));
}

void Server::hear(int worker, said::Failed& word) {
  if (word.kind != UnitFailure::rank) {
    const Unit& unit = claimed(worker, word.unit);
    calls_.tell("FAILED: " + describe(spec_, unit) + ": " + word.text);
    ledger_.add_failure(word.unit, word.text, word.kind);
    board_.fail(word.unit, worker);
    return finished(worker, word.unit, "failed");
  }
  const bool known = word.unit >= 0 && word.unit < board_.units();
  fail(name(worker) +
       (known ? ", " + describe(spec_, plan_.units[static_cast<std::size_t>(word.unit)]) : "") + ": " +
       word.text);
}

void Server::hear(int worker, said::Signalled& word) {
  if (state_ != State::running) return;
  calls_.interrupted("signal " + std::to_string(word.signal) + " on " + name(worker));
  stop(State::interrupted);
}

void Server::hear(int worker, said::Stopped&) {
  peers_[static_cast<std::size_t>(worker)].stopped = true;
  board_.release(worker);
  if (state_ == State::running) fail(name(worker) + " stopped before the work was done");
}

template <class Other>
void Server::hear(int worker, Other&) {
  throw Failure(name(worker) + " said what only rank 0 says");
}

void Server::serve_parked() {
  look_for_work_ = false;
  if (state_ != State::running) return;
  for (std::size_t worker = 0; worker < peers_.size(); ++worker) {
    Peer& peer = peers_[worker];
    if (!peer.parked) continue;
    const auto unit = board_.claim(static_cast<int>(worker), peer.parked->held);
    if (!unit) return;  // nothing is ready, for nobody
    assign(static_cast<int>(worker), *unit);
  }
}

void Server::assign(int worker, int unit) {
  Peer& peer = peers_[static_cast<std::size_t>(worker)];
  said::Assignment assignment;
  assignment.unit = unit;
  assignment.what = plan_.units[static_cast<std::size_t>(unit)];
  const RunKey weights = assignment.what.weights_key();
  const bool held = peer.parked->held && *peer.parked->held == weights;
  if (assignment.what.kind != UnitKind::training && !held) assignment.weights = ledger_.weights(weights);
  peer.parked.reset();
  switchboard_.send(worker, said::encode(assignment));
}

}  // namespace deepfog
