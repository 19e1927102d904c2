#include "tiny_campaign.hpp"

#include "../storage/sample_dataset.hpp"
#include "campaign/paths.hpp"
#include "campaign/resume.hpp"
#include "core/seed.hpp"
#include "resilience/outcomes.hpp"

namespace deepfog::test {
namespace {

constexpr std::int64_t samples = 300;

const char* const plain_text =
    "topology tiny-plain\nsource left 2\nsource right 3\nnode a relu:6\nnode b relu:6\nnode c relu:6 "
    "linear:3\n"
    "link left -> a\nlink right -> a\nlink a -> b\nlink b -> c\nfails a b\n";
const char* const skips_text =
    "topology tiny-skips\nsource left 2\nsource right 3\nnode a relu:6\nnode b relu:6\nnode c relu:6 "
    "linear:3\n"
    "link left -> a\nlink right -> a\nlink a -> b\nlink b -> c\nlink right -> b skip\nlink a -> c "
    "skip\nfails a b\n";

/// 60 training, 40 validation, 200 test samples; the class follows from two of the five features.
SampleDataset tiny_dataset() {
  SampleDataset dataset;
  dataset.rows = samples;
  dataset.shapes = {1, 1, 2, 1, 1, 3};
  RandomStream stream(7);
  for (std::int64_t row = 0; row < samples; ++row) {
    float values[5];
    for (float& value : values) {
      value = static_cast<float>(2 * stream.uniform() - 1);
      dataset.floats.push_back(value);
    }
    dataset.labels.push_back(values[0] > 0.3F ? 0 : (values[3] > 0 ? 1 : 2));
    dataset.splits["fourths"].push_back(static_cast<std::uint8_t>(row < 60 ? 0 : (row < 100 ? 1 : 2)));
  }
  return dataset;
}

ModelSpec model(const std::string& name, const char* text) {
  ModelSpec model;
  model.name = name;
  model.topology_path = name + ".topology";
  model.topology = parse_topology(text, model.topology_path);
  model.training.epochs = 40;
  model.training.batch_size = 20;
  model.training.learning_rate = 0.01;
  return model;
}

const ModelSpec& model_of(const CampaignSpec& spec, const Task& task) {
  return spec.experiments.at(static_cast<std::size_t>(task.key.experiment))
      .models.at(static_cast<std::size_t>(task.key.model));
}

}  // namespace

TinyCampaign::TinyCampaign(const std::string& folder) {
  const std::string data = folder + "/tiny.h5";
  tiny_dataset().write(data);
  spec.name = "tiny";
  spec.output = folder + "/results.h5";
  spec.config_text = "[campaign]\nname = tiny\nruns = 2\n";
  spec.runs = 2;
  spec.sweep_block = 64;
  spec.per_sample_mib = 1;
  ExperimentSpec experiment;
  experiment.name = "tiny";
  experiment.dataset = experiment.dataset_path = data;
  experiment.reliability = {{"no_failure", {1, 1}}, {"poor", {0.9, 0.7}}};
  experiment.models = {model("plain", plain_text), model("skips", skips_text)};
  experiment.models[1].training.training = "failout";
  experiment.models[1].training.failout_rates = {0.1, 0.3};
  spec.experiments = {experiment};
}

void add_borrowers(CampaignSpec& spec) {
  std::vector<ModelSpec>& models = spec.experiments.at(0).models;
  ModelSpec same = models.at(1), before = models.at(0);
  same.name = "same";
  before.name = "before";
  before.training = same.training;
  same.weights_of = same.seeds_of = before.weights_of = before.seeds_of = "skips";
  models.push_back(same);
  models.insert(models.begin(), before);
}

std::vector<DatasetSummary> tiny_summaries() {
  DatasetSummary summary;
  summary.name = "sample";
  summary.classes = 3;
  summary.train_samples = 60;
  summary.validation_samples = 40;
  summary.test_samples = 200;
  return {summary};
}

TrainedModel quick_model(const CampaignSpec& spec, const Task& task) {
  TrainedModel result;
  const std::int64_t parameters = parameter_count(model_of(spec, task).topology);
  const auto value = static_cast<float>(100 * task.key.model + task.key.run);
  result.weights = {
      {"a", "all", {parameters}, std::vector<float>(static_cast<std::size_t>(parameters), value)}};
  result.validation_accuracy = 0.5;
  result.best_epoch = 1 + task.key.run;
  result.seconds = 0.25;
  return result;
}

SweepCounts quick_counts(const CampaignSpec& spec, const Task& task) {
  const Topology& topology = model_of(spec, task).topology;
  SweepCounts counts;
  counts.samples = task.end - task.begin;
  for (std::int64_t i = 0; i < std::int64_t{1} << topology.failing(); ++i) {
    counts.correct.push_back((task.begin + 7 * i + task.key.run) % (counts.samples + 1));
    for (int cell = 0; cell < 9; ++cell) counts.confusion.push_back((i + cell) % 5);
  }
  if (spec.per_sample_mib == 0) return counts;
  counts.right = SampleHits(outcome_count(outcome_rows(topology)), counts.samples);
  for (std::int64_t row = 0; row < counts.right.rows(); ++row) {
    for (std::int64_t s = 0; s < counts.samples; ++s)
      counts.right.set(row, s, (task.begin + s + row + task.key.run) % 3 == 0);
  }
  return counts;
}

TrainedModel QuickWork::train(const Task& task, const EpochCallback& after_epoch) {
  if (before_training) before_training(task);
  for (int epoch = 1; epoch <= 3; ++epoch) {
    if (!after_epoch(epoch, 1.0, 0.5)) throw Interrupted{};
  }
  return quick_model(spec_, task);
}

SweepCounts QuickWork::sweep(const Task& task, const Weights& weights) {
  if (before_sweep) before_sweep(task);
  const Weights expected = quick_model(spec_, {TaskKind::training, task.weights_key(), 0, 0, 0}).weights;
  if (!mismatches(expected, weights).empty() || weights[0].values != expected[0].values) {
    throw Failure("a sweep got the weights of another run");
  }
  return quick_counts(spec_, task);
}

void do_everything(TaskQueue& task_queue, RunStore& run_store, Work& work, const Plan& plan) {
  while (const auto task = task_queue.claim(0)) {
    const Task& what = plan.tasks[static_cast<std::size_t>(*task)];
    if (what.kind == TaskKind::training) {
      run_store.add_training(*task, work.train(what, [](std::int64_t, double, double) { return true; }));
    } else {
      run_store.add_sweep(*task, work.sweep(what, run_store.weights(what.weights_key())), 0.5);
    }
    task_queue.complete(*task, 0);
  }
}

std::vector<LogRecord> records_of_everything(const CampaignSpec& spec, Work& work) {
  ResumedCampaign resume = open_campaign(spec, false);
  const Plan plan = make_plan(spec, resume.datasets);
  TaskQueue task_queue(plan.graph());
  RunStore run_store(spec, plan, resume.datasets, *resume.journal);
  do_everything(task_queue, run_store, work, plan);
  resume.journal.reset();
  RecordLog journal(journal_path(spec), spec.config_text);
  std::vector<LogRecord> records = journal.records();
  journal.remove();
  return records;
}

}  // namespace deepfog::test
