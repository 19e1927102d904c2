#include "conduct.hpp"

#include "campaign/assembler.hpp"
#include "campaign/campaign_tasks.hpp"
#include "campaign/dataset_cache.hpp"
#include "campaign/paths.hpp"
#include "campaign/resume.hpp"
#include "campaign/task_runner.hpp"
#include "comm/environment.hpp"
#include "core/error.hpp"
#include "scheduler/coordinator.hpp"
#include "scheduler/worker_loop.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

/// As Campaign runner, without a word to the user.
Conducted lead(const CampaignSpec& spec, const Communicator& communicator, Work& work,
               const SignalWatch& signals) {
  Conducted seen;
  const Stopwatch resume_watch;
  ModelForms forms = forms_of(spec);
  ResumedCampaign resume = open_campaign(spec, true);
  const Plan plan = make_plan(spec, resume.datasets, std::move(forms));
  TaskQueue task_queue(plan.graph());
  RunStore run_store(spec, plan, resume.datasets, *resume.journal);
  Assembler assembler(spec, plan.forms, resume.datasets, SessionInfo{});
  const auto write = [&](const std::string& status) {
    const Results& results = assembler.update(run_store, status);
    const std::lock_guard<std::mutex> turn(storage_mutex());
    write_results(spec.output, results);
  };
  CoordinatorCalls calls;
  calls.signal = [&] { return signals.received(); };
  calls.snapshot = [&](bool) { write("running"); };
  calls.progress = [](double, const std::string&) {};
  calls.tell = [](const std::string&) {};
  calls.interrupted = [](const std::string&) {};
  calls.give_up = [](bool) { end_all_ranks(1); };
  seen.resume_seconds = resume_watch.seconds();

  const Stopwatch serving_watch;
  {
    CampaignTaskRunner runner(spec, work);
    Worker worker(runner);
    CampaignTasks tasks(spec, plan, run_store);
    RankWorkerLink ranks(communicator, worker);
    WatchedWorkerLink watched(ranks, plan, seen.watch);
    Coordinator coordinator(tasks, tasks, task_queue, watched, calls, Timeouts{});
    if (coordinator.run() != Ending::finished) throw Failure("interrupted");
  }
  if (!flush(communicator, collective_deadline())) throw Failure("a rank takes no messages");
  seen.serving_seconds = serving_watch.seconds();

  const Stopwatch closing_watch;
  write("complete");
  seen.closing_seconds = closing_watch.seconds();
  seen.tasks = plan.tasks;
  remove_weights(spec);
  resume.journal->remove();
  return seen;
}

}  // namespace

CampaignSpec health_campaign(const std::string& dataset, const std::string& topologies,
                             const std::string& output) {
  CampaignSpec spec;
  spec.name = "bench";
  spec.output = output;
  spec.config_text = "[campaign]\nname = bench\n";
  ExperimentSpec experiment;
  experiment.name = "health";
  experiment.dataset = experiment.dataset_path = dataset;
  experiment.reliability = {{"normal", {0.99, 0.98, 0.96}}};
  for (const char* name : {"health-vanilla", "health-deepfogguard"}) {
    ModelSpec model;
    model.name = name;
    model.topology_path = topologies + "/" + name + ".topology";
    model.topology = load_topology(model.topology_path);
    model.training.batch_size = 256;
    experiment.models.push_back(model);
  }
  spec.experiments = {experiment};
  return spec;
}

template <class Do>
auto TimedWork::timed(Do what) {
  if (tasks_++ > 0) gaps_.push_back(since_last_.seconds());
  const Stopwatch watch;
  const double cpu = thread_seconds();
  auto result = what();
  busy_seconds_ += watch.seconds();
  cpu_seconds_ += thread_seconds() - cpu;
  since_last_ = Stopwatch();
  return result;
}

TrainedModel TimedWork::train(const Task& task, const EpochCallback& after_epoch) {
  return timed([&] { return work_.train(task, after_epoch); });
}
SweepCounts TimedWork::sweep(const Task& task, const Weights& weights) {
  return timed([&] { return work_.sweep(task, weights); });
}
LargeDiagramResult TimedWork::bound(const Task& task, const Weights& weights) {
  return timed([&] { return work_.bound(task, weights); });
}

Conducted conduct(const CampaignSpec& spec, const Communicator& world, Work& work) {
  const Communicator communicator = world.duplicate();
  const SignalWatch signals;
  Conducted seen;
  if (communicator.rank() == 0) {
    seen = lead(spec, communicator, work, signals);
  } else {
    CampaignTaskRunner runner(spec, work);
    Worker worker(runner);
    worker_loop(communicator, worker, signals, Timeouts{});
  }
  barrier(communicator);
  return seen;
}

}  // namespace deepfog::bench
