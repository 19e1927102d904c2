// A campaign by all ranks, a core each, against the same by the first alone, in turns in one job. Efficiency
// is the speed-up / ranks.
//
// By the wall clock it counts the neighbours' work as the campaign's. So it is given by processor time, too:
// a campaign that costs C1 seconds of processor in the units of one rank, and C in those of all, and whose
// ranks are at no unit for a share `idle` of the time, is (C1 / C) (1 - idle) / (1 - idle1) efficient on
// cores of its own.
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "comm/environment.hpp"
#include "conduct.hpp"
#include "program.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

/// One campaign as the first rank sees it.
struct Turn {
  double seconds = 0;
  double cpu_seconds = 0;          ///< of the threads that compute, in units
  double process_cpu_seconds = 0;  ///< of the processes, waiting and serving included
  double idle = 0, most_idle = 0;  ///< share of the time without a unit: of all ranks, of the worst
  ClaimWatch watch;
  std::size_t tasks = 0;
};

Turn run_turn(const CampaignSpec& spec, const Communicator& ranks) {
  CampaignWork work(spec);
  TimedWork timed(work);
  const Timer timer;
  const Conducted seen = conduct(spec, ranks, timed);
  std::ostringstream own;
  own << timed.busy_seconds() << ' ' << timed.cpu_seconds() << ' ' << timer.cpu_seconds();
  Turn turn;
  turn.seconds = seen.seconds();
  turn.watch = seen.watch;
  turn.tasks = seen.tasks.size();
  for (const std::string& text : gather(ranks, own.str())) {
    double busy = 0, cpu = 0, process = 0;
    std::istringstream(text) >> busy >> cpu >> process;
    turn.cpu_seconds += cpu;
    turn.process_cpu_seconds += process;
    const double idle = std::max(0.0, 1 - busy / turn.seconds);
    turn.idle += idle / ranks.size();
    turn.most_idle = std::max(turn.most_idle, idle);
  }
  return turn;
}

int campaign_efficiency(const std::vector<std::string>& arguments) {
  const Communicator world = Communicator::world(), self = Communicator::self();
  CampaignSpec spec = health_campaign(arguments[0], arguments[1], arguments[2]);
  spec.runs = 6;
  spec.sweep_block = 512;
  for (ModelSpec& model : spec.experiments[0].models) model.training.epochs = 3;
  std::vector<double> efficiency, cpu_efficiency, cpu_ratio, idle, idle_one, seconds, one_seconds, other_cpu;
  for (int round = 0; round <= kRounds; ++round) {
    barrier(world);
    Turn one, all;
    if (world.rank() == 0) one = run_turn(spec, self);
    barrier(world);  // the others sleep meanwhile
    all = run_turn(spec, world);
    if (world.rank() != 0 || round == 0) continue;  // the first touches everything once
    efficiency.push_back(one.seconds / all.seconds / world.size());
    cpu_ratio.push_back(one.cpu_seconds / all.cpu_seconds);
    cpu_efficiency.push_back(cpu_ratio.back() * (1 - all.idle) / (1 - one.idle));
    idle.push_back(all.idle);
    idle_one.push_back(one.idle);
    seconds.push_back(all.seconds);
    one_seconds.push_back(one.seconds);
    other_cpu.push_back((all.process_cpu_seconds - all.cpu_seconds) / all.process_cpu_seconds);
    std::fprintf(stderr,
                 "campaign_efficiency: turn %d: %.2f s alone, %.2f s together; in units %.2f and %.2f s of "
                 "processor; idle %.3f and %.3f (worst rank %.3f); late claims %lld\n",
                 round, one.seconds, all.seconds, one.cpu_seconds, all.cpu_seconds, one.idle, all.idle,
                 all.most_idle, static_cast<long long>(all.watch.late_claims));
    if (round == kRounds) {
      std::printf(
          "RESULT bench=campaign_efficiency ranks=%d efficiency=%.3f cpu_efficiency=%.3f cpu_ratio=%.3f "
          "idle=%.4f "
          "idle_one=%.4f seconds=%.2f one_rank_seconds=%.2f outside_units_cpu=%.4f units=%zu rounds=%d "
          "threads=%d\n",
          world.size(), median(efficiency), median(cpu_efficiency), median(cpu_ratio), median(idle),
          median(idle_one), median(seconds), median(one_seconds), median(other_cpu), all.tasks, kRounds,
          spec.threads_per_rank);
    }
  }
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  const deepfog::Environment environment(argc, argv);
  const int code = deepfog::bench::run(argc, argv, 3, "bench_campaign_efficiency DATASET TOPOLOGIES OUTPUT",
                                       deepfog::bench::campaign_efficiency);
  if (code != 0) deepfog::end_all_ranks(code);  // the others may be waiting for this one
  return 0;
}
