#include "distributed/rank_run.hpp"

#include <malloc.h>

#include <algorithm>

#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kSignalsUs = 50'000;  ///< a round driver looks for signals at least this often
constexpr std::int64_t kOrphanUs = 5'000'000;
constexpr int kSpareRounds = 8;  ///< in hand in addition to those in flight, for messages that arrive early

std::uint64_t run_number(const RunFacts& facts, int group) {
  return derive_seed(static_cast<std::uint64_t>(group), facts.key, "", 0, "run");
}

MessengerOptions messenger_options(const Job& job, const RunFacts& facts, int group) {
  return {run_number(facts, group), job.spec.heartbeat_us, job.spec.limit_us};
}

NodeOptions node_options(const Job& job, std::int64_t now_us) {
  NodeOptions options;
  options.window = job.depth() + kSpareRounds;
  options.most_rows = static_cast<std::int32_t>(job.spec.batch);
  options.samples = job.samples;
  options.link_timeouts_us = job.link_timeouts_us;
  options.orphan_us = std::max(kOrphanUs, 10 * job.spec.limit_us);
  options.deadline_us = now_us + job.run_limit().count();
  return options;
}

RoundDriverOptions round_driver_options(const Job& job, const RunFacts& facts, int group) {
  RoundDriverOptions options;
  options.scenario = job.spec.scenario;
  options.depth = job.depth();
  options.rate = job.spec.rate;
  options.seed = derive_seed(job.spec.seed, job.origin.experiment, job.origin.model, group, "arrivals");
  options.batch = job.spec.batch;
  options.groups = facts.groups;
  options.group = group;
  options.settle_us = std::max<std::int64_t>(options.settle_us, 10 * job.spec.limit_us);
  options.report_us = std::max<std::int64_t>(options.report_us, 10 * job.spec.limit_us);
  return options;
}

/// Returns the memory used for loading weights and samples to the system, and none from then on: each frame
/// needs the memory of the frame before, and new pages cost more than the copies that fill them.
void settle_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

}  // namespace

RankRun::RankRun(const Communicator& world, const Job& job, const RunFacts& facts, bool lowest_of_host)
    : job_(job),
      facts_(facts),
      group_(world.rank() / job.nodes()),
      channel_(world, group_ * job.nodes(), job.nodes()),
      node_links_(job.topology, channel_.place()),
      engine_(job, channel_.place()),
      samples_(job, node_links_),
      meters_(lowest_of_host),
      messenger_(channel_, node_links_, messenger_options(job, facts, group_)) {
  settle_memory();
}

void RankRun::begin(RoundDriverSink* records) {
  messenger_.membership().forgive(messenger_.now_us());
  node_ = std::make_unique<Node>(messenger_, job_.plan, job_.script, engine_, samples_, machine_,
                                 node_options(job_, messenger_.now_us()));
  node_->on_report([this](NodeReport& report) {
    report.wait_us = wait_us_;
    report.idle_us = idle_us_;
    report.resident_bytes = meters_.resident_bytes().value_or(0);
    if (const auto energy = meters_.energy_j()) report.energy_j = *energy;
  });
  if (records != nullptr) {
    round_driver_ = std::make_unique<RoundDriver>(*node_, messenger_, job_.plan,
                                                  round_driver_options(job_, facts_, group_), *records);
  }
}

std::int64_t RankRun::step_round_driver(const RunHooks& hooks) {
  if (hooks.interrupted && hooks.interrupted()) round_driver_->interrupt();
  if (hooks.progress) hooks.progress(round_driver_->rounds_done(), round_driver_->rounds_planned());
  return std::min(round_driver_->step(), messenger_.now_us() + kSignalsUs);
}

NodeEnding RankRun::serve(const RunHooks& hooks) {
  for (;;) {
    std::int64_t next_us = node_->step();
    if (round_driver_) next_us = std::min(next_us, step_round_driver(hooks));
    if (round_driver_ && round_driver_->finished()) return NodeEnding::clean;
    if (node_->ending() != NodeEnding::none) return node_->ending();
    const std::int64_t before_us = messenger_.now_us();
    if (next_us <= before_us) continue;
    const bool busy = node_->busy();
    messenger_.wait(next_us);
    (busy ? wait_us_ : idle_us_) += messenger_.now_us() - before_us;
  }
}

void RankRun::dismiss(bool clean) {
  round_driver_->dismiss(clean);
  channel_.flush(Deadline::in(std::chrono::seconds(1)));  // a node that has not received it by then notices
                                                          // the end itself
}

}  // namespace deepfog
