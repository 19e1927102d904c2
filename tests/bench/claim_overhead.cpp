// What claims cost: a campaign whose units do nothing (their results have the size of real ones), then one
// whose units sleep, over ranks that are many more than the cores. What is durable and what is sent is as in
// a real campaign.
//
// `us_a_task` is what a unit takes of the campaign's time beyond its own work. The coordinator takes one word
// after another: `coordinator_us` are its turns for a unit, of which `journal_us`, measured alone, is the
// journal's fsync. A turn that gives out a sweep to a rank that lacks the weights reads and sends them
// (`weights_claim_us`). Nobody may wait while there is work: `late` counts the units that were ready, and
// somebody waiting for one, for longer than a turn of the coordinator.
#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <thread>

#include "comm/environment.hpp"
#include "conduct.hpp"
#include "program.hpp"
#include "storage/record_log.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

/// Results of the right size, after a sleep.
class EmptyWork : public Work {
 public:
  EmptyWork(const CampaignSpec& spec, int task_ms) : spec_(spec), task_(task_ms) {}
  TrainedModel train(const Task& task, const EpochCallback&) override {
    const std::int64_t values = value_count(topology(task));
    TrainedModel model;
    model.weights = {{"none", "all", {values}, std::vector<float>(static_cast<std::size_t>(values), 1.0F)}};
    model.best_epoch = 1;
    std::this_thread::sleep_for(task_);
    return model;
  }
  SweepCounts sweep(const Task& task, const Weights&) override {
    const std::size_t rows = std::size_t{1} << topology(task).failing();
    const auto classes = static_cast<std::size_t>(topology(task).classes());
    SweepCounts counts;
    counts.samples = task.end - task.begin;
    counts.correct.assign(rows, 0);
    if (spec_.confusion) counts.confusion.assign(rows * classes * classes, 0);
    std::this_thread::sleep_for(task_);
    return counts;
  }

 private:
  const Topology& topology(const Task& task) const {
    return spec_.experiments.at(static_cast<std::size_t>(task.key.experiment))
        .models.at(static_cast<std::size_t>(task.key.model))
        .topology;
  }
  const CampaignSpec& spec_;
  std::chrono::milliseconds task_;
};

/// Microseconds to append a record of this size, beside the campaign's own journal.
double journal_us(const std::string& path, std::int64_t bytes) {
  constexpr int appends = 200;
  RecordLog journal(path, "probe");
  const LogRecord record{"sweep", std::vector<char>(static_cast<std::size_t>(bytes))};
  const Stopwatch watch;
  for (int i = 0; i < appends; ++i) journal.append(record);
  const double us = 1e6 * watch.seconds() / appends;
  journal.remove();
  return us;
}

void print(const CampaignSpec& spec, int ranks, int task_ms, const Conducted& seen, double busy, double cpu,
           double gap) {
  const ClaimWatch& watch = seen.watch;
  const auto tasks = static_cast<double>(seen.tasks.size());
  const double serving = seen.serving_seconds;
  const std::int64_t sweep_bytes = watch.sweep_bytes / std::max<std::int64_t>(1, watch.sweeps.turns);
  double coordinator = 0, coordinator_cpu = 0;
  for (const auto* kind :
       {&watch.trainings, &watch.sweeps, &watch.claimed, &watch.claimed_with_weights, &watch.others}) {
    coordinator += kind->seconds;
    coordinator_cpu += kind->cpu_seconds;
  }
  std::printf(
      "RESULT bench=claim_overhead ranks=%d cores=%ld unit_ms=%d units=%zu us_a_unit=%.0f server_us=%.0f "
      "server_cpu_us=%.0f all_ranks_cpu_us=%.0f ",
      ranks, sysconf(_SC_NPROCESSORS_ONLN), task_ms, seen.tasks.size(),
      1e6 * (serving - busy / ranks) / tasks, 1e6 * coordinator / tasks, 1e6 * coordinator_cpu / tasks,
      1e6 * cpu / tasks);
  const auto part = [](const char* name, const ClaimWatch::Kind& kind) {
    std::printf("%s_us=%.0f %s_cpu_us=%.0f ", name, kind.us(), name, kind.cpu_us());
  };
  part("training", watch.trainings);
  part("sweep", watch.sweeps);
  part("claim", watch.claimed);
  part("weights_claim", watch.claimed_with_weights);
  std::printf(
      "weights_claims=%lld sweep_bytes=%lld journal_us=%.0f between_units_us=%.0f busy=%.3f "
      "waiting_with_work=%.5f "
      "longest_wait_ms=%.2f longest_wait_turns=%lld late=%lld seconds=%.2f\n",
      static_cast<long long>(watch.claimed_with_weights.turns), static_cast<long long>(sweep_bytes),
      journal_us(spec.output + ".probe", sweep_bytes), 1e6 * gap, busy / (serving * ranks),
      watch.waiting_rank_seconds / (serving * ranks), 1e3 * watch.longest_wait_s,
      static_cast<long long>(watch.longest_wait_turns), static_cast<long long>(watch.late_claims), serving);
  std::fflush(stdout);
}

void run_case(const CampaignSpec& spec, const Communicator& world, int task_ms) {
  EmptyWork work(spec, task_ms);
  TimedWork timed(work);
  barrier(world);
  const Timer timer;
  const Conducted seen = conduct(spec, world, timed);
  std::ostringstream own;
  own << timed.busy_seconds() << ' ' << timer.cpu_seconds();
  for (const double gap : timed.gaps()) own << ' ' << gap;
  double busy = 0, cpu = 0;
  std::vector<double> gaps;
  for (const std::string& text : gather(world, own.str())) {
    double one_busy = 0, one_cpu = 0;
    std::istringstream words(text);
    words >> one_busy >> one_cpu;
    busy += one_busy;
    cpu += one_cpu;
    for (double gap = 0; words >> gap;) gaps.push_back(gap);
  }
  if (world.rank() == 0) print(spec, world.size(), task_ms, seen, busy, cpu, median(gaps));
}

int claim_overhead(const std::vector<std::string>& arguments) {
  const Communicator world = Communicator::world();
  CampaignSpec spec = health_campaign(arguments[0], arguments[1], arguments[2]);
  spec.runs = 32;
  spec.sweep_block = 64;
  for (const int task_ms : {0, 250}) run_case(spec, world, task_ms);
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  const deepfog::Environment environment(argc, argv);
  const int code = deepfog::bench::run(argc, argv, 3, "bench_claim_overhead DATASET TOPOLOGIES OUTPUT",
                                       deepfog::bench::claim_overhead);
  if (code != 0) deepfog::end_all_ranks(code);  // the others may be waiting for this one
  return 0;
}
