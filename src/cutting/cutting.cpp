#include "cutting/cutting.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <new>
#include <optional>

#include "campaign/assembler.hpp"
#include "comm/environment.hpp"
#include "core/deadline.hpp"
#include "core/seed.hpp"
#include "cutting/chosen_codec.hpp"
#include "cutting/device_weights.hpp"
#include "cutting/tables.hpp"
#include "cutting/together.hpp"
#include "evaluation/cut_sweep.hpp"
#include "models/cut_network.hpp"
#include "resilience/enumeration.hpp"
#include "results/failed_runs.hpp"
#include "scheduler/hosts.hpp"

namespace deepfog {
namespace {

/// What a failure of a part says, where it costs this part alone; what concerns the whole study is thrown on.
template <class Part>
std::string failure_of(const Part& part) {
  try {
    part();
  } catch (const UserError&) {
    throw;
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));  // libraries append a trace of calls
  }
  return "";
}

class Study {
 public:
  Study(const CuttingJob& job, const Communicator& world, const CuttingOptions& options)
      : job_(job),
        world_(world),
        options_(options),
        chosen_(static_cast<std::size_t>(job.spec.runs)),
        network_failures_(chosen_.size()) {
    counts_.networks.resize(chosen_.size());
  }

  CuttingOutcome run() {
    facts_.created = utc_now();
    facts_.ranks = world_.size();
    std::vector<Place> places;
    for (const std::string& text : gather(world_, encode(this_place(host_name()))))
      places.push_back(decode_place(text));
    facts_.hosts = host_list(places);
    facts_.cores = core_count(places);
    part_together(world_, [&] { prepare(); });
    part_together(world_, [&] { choose(); });
    share();
    if (!job_.spec.random()) part_together(world_, [&] { sweep(); });
    gather_counts();
    CuttingOutcome outcome;
    part_together(world_, [&] {
      if (world_.rank() == 0) finish(outcome);
    });
    return outcome;
  }

 private:
  bool mine(std::int64_t task) const { return task % world_.size() == world_.rank(); }
  void stop_if_interrupted() const {
    if (options_.interrupted && options_.interrupted()) throw Interrupted();
  }
  std::unique_ptr<Progress> progress(const std::string& title, double total) const {
    if (world_.rank() != 0) return nullptr;
    return std::make_unique<Progress>(title, total, options_.progress, std::cerr, isatty(STDERR_FILENO) != 0);
  }

  void prepare() {
    const std::int64_t runs = (job_.spec.runs - world_.rank() + world_.size() - 1) / world_.size();
    const std::int64_t epochs = job_.spec.weights == "train" ? job_.spec.training.epochs : 1;
    const auto bar = progress("train", static_cast<double>(runs * epochs));
    double done = 0;
    for (std::int64_t run = 0; run < job_.spec.runs; ++run) {
      if (!mine(run)) continue;
      const double before = done;
      std::string& failure = network_failures_[static_cast<std::size_t>(run)];
      failure = failure_of([&] {
        prepare_network(job_, run, [&](std::int64_t epoch, std::int64_t) {
          done = before + static_cast<double>(epoch);
          if (bar) bar->update(done, 0, "epochs");
          return !options_.interrupted || !options_.interrupted();
        });
      });
      if (!failure.empty()) tell_failure("run " + std::to_string(run) + ", training", failure);
      done = before + static_cast<double>(epochs);
      if (bar) bar->update(done, 0, "epochs");
      stop_if_interrupted();
    }
    if (bar) bar->finish();
  }

  /// Mean accuracy of a partition over all combinations with so many failures; 0: see CutModelSpec::failed.
  AccuracyOf accuracy_of(const CutNetwork& network, const SampleSet& images, int devices, int failed) const {
    std::vector<Combination> combinations;
    std::vector<double> weights;  // each number of failures counts alike
    for (int k = failed == 0 ? 1 : failed; k <= (failed == 0 ? devices - 1 : failed); ++k) {
      const std::vector<Combination> with = combinations_with(devices, k);
      combinations.insert(combinations.end(), with.begin(), with.end());
      weights.insert(weights.end(), with.size(), 1.0 / static_cast<double>(with.size()));
    }
    const double kinds = failed == 0 ? devices - 1 : 1;
    return [this, &network, &images, combinations, weights, kinds](const Partition& partition) {
      stop_if_interrupted();
      const CutSweep sweep(network, partition, combinations, job_.spec.memory_bytes);
      const std::vector<std::int64_t> correct = sweep.count(view(images));
      double sum = 0;
      for (std::size_t c = 0; c < correct.size(); ++c) sum += weights[c] * static_cast<double>(correct[c]);
      return sum / kinds / static_cast<double>(images.size());
    };
  }

  void choose() {
    std::int64_t models = 0, done = 0;
    for (const CutExperimentSpec& experiment : job_.spec.experiments)
      models += static_cast<std::int64_t>(experiment.models.size());
    const auto bar = progress("cut", static_cast<double>(models * job_.spec.runs));
    for (std::int64_t run = 0; run < job_.spec.runs; ++run) {
      if (!mine(run)) continue;
      const std::string& failure = network_failures_[static_cast<std::size_t>(run)];
      if (!failure.empty()) {
        mark_run_failed(run, "training: " + failure);
        continue;
      }
      const StoredNetwork network = read_network(job_, run);
      const CutNetwork whole(job_.cnn, network.weights, job_.network_path(run));
      const SampleSet images = search_samples(job_, network);
      ChosenPartitions& chosen = chosen_[static_cast<std::size_t>(run)];
      for (const CutExperimentSpec& experiment : job_.spec.experiments) {
        chosen.emplace_back();
        for (const CutModelSpec& model : experiment.models) {
          chosen.back().push_back(chosen_for(experiment, model, run, network, whole, images));
          if (bar) bar->update(static_cast<double>(++done), 0, "partitions");
          stop_if_interrupted();
        }
      }
    }
    if (bar) bar->finish();
  }

  void mark_run_failed(std::int64_t run, const std::string& failure) {
    ChosenPartitions& chosen = chosen_[static_cast<std::size_t>(run)];
    for (const CutExperimentSpec& experiment : job_.spec.experiments) {
      ChosenPartition failed;
      failed.failure = failure;
      chosen.emplace_back(experiment.models.size(), failed);
    }
  }

  void tell_failure(const std::string& what, const std::string& failure) const {
    std::cerr << "deepfog: FAILED: " << what << ": " << failure << std::endl;
  }

  /// The partition of one model, or why there is none.
  ChosenPartition chosen_for(const CutExperimentSpec& experiment, const CutModelSpec& model, std::int64_t run,
                             const StoredNetwork& network, const CutNetwork& whole,
                             const SampleSet& images) const {
    const std::uint64_t seed =
        derive_seed(job_.spec.seed, experiment.name, model.name, run, "random partition");
    const std::string where =
        "[model." + model.name + "] of " + experiment.name + ", run " + std::to_string(run);
    ChosenPartition chosen;
    std::string failure;
    try {
      failure = failure_of([&] {
        chosen = choose_partition(
            model, experiment.devices, job_.layers, network.scores, seed,
            [&](int failed) { return accuracy_of(whole, images, experiment.devices, failed); }, where);
        if (job_.spec.save) save_device_weights(job_, network, experiment, model, chosen.partition, run);
      });
    } catch (const UserError& error) {  // what is asked of this model cannot be reached by this network
      failure = error.what();
      if (failure.compare(0, where.size() + 1, where + " ") == 0) failure.erase(0, where.size() + 1);
    }
    if (failure.empty()) return chosen;
    tell_failure(where, failure);
    chosen = {};
    chosen.failure = failure;
    return chosen;
  }

  /// Every rank's partitions, to every rank.
  void share() {
    Encoder encoder;
    for (std::int64_t run = 0; run < job_.spec.runs; ++run) {
      if (!mine(run)) continue;
      for (const auto& experiment : chosen_[static_cast<std::size_t>(run)]) {
        for (const ChosenPartition& chosen : experiment) put(encoder, chosen);
      }
    }
    const auto all = all_bytes(world_, encoder.take());
    for (int rank = 0; rank < world_.size(); ++rank) {
      Decoder decoder(all[static_cast<std::size_t>(rank)], "partitions of rank " + std::to_string(rank));
      for (std::int64_t run = rank; run < job_.spec.runs; run += world_.size()) {
        ChosenPartitions& chosen = chosen_[static_cast<std::size_t>(run)];
        chosen.clear();
        for (const CutExperimentSpec& experiment : job_.spec.experiments) {
          chosen.emplace_back();
          for (const CutModelSpec& model : experiment.models)
            chosen.back().push_back(get_chosen(decoder, job_.layers, model.name));
        }
      }
      decoder.finish();
    }
  }

  /// The blocks of test images are dealt out; each is read once for all partitions of a run.
  void sweep() {
    const std::int64_t runs = job_.spec.runs;
    std::unique_ptr<Progress> bar;
    counts_.resize(job_);
    for (std::int64_t run = 0; run < runs; ++run) {
      if (!any_good(run)) continue;
      const StoredNetwork network = read_network(job_, run);
      const CutNetwork whole(job_.cnn, network.weights, job_.network_path(run));
      std::vector<std::vector<std::optional<CutSweep>>> sweeps;
      std::int64_t block = 1;
      for (std::size_t e = 0; e < job_.spec.experiments.size(); ++e) {
        sweeps.emplace_back();
        for (const ChosenPartition& chosen : chosen_[static_cast<std::size_t>(run)][e]) {
          sweeps.back().emplace_back();
          if (!chosen.good()) continue;
          sweeps.back().back().emplace(whole, chosen.partition,
                                       all_combinations(job_.spec.experiments[e].devices),
                                       job_.spec.memory_bytes);
          block = sweeps.back().back()->block();  // of the network alone: the same for all
        }
      }
      const std::int64_t task = std::max<std::int64_t>(1, job_.spec.sweep_block / block) * block;
      const std::int64_t tasks = (job_.test_samples + task - 1) / task;
      if (!bar) bar = progress("sweep", static_cast<double>(runs * tasks));
      for (std::int64_t u = 0; u < tasks; ++u) {
        if (!mine(u)) continue;
        const SampleSet images =
            test_samples(job_, network, u * task, std::min((u + 1) * task, job_.test_samples));
        sweep_block(sweeps, run, images);
        if (bar) bar->update(static_cast<double>(run * tasks + u + 1), 0, "blocks");
        stop_if_interrupted();
      }
    }
    if (bar) bar->finish();
  }

  bool any_good(std::int64_t run) const {
    for (const auto& experiment : chosen_[static_cast<std::size_t>(run)]) {
      for (const ChosenPartition& chosen : experiment) {
        if (chosen.good()) return true;
      }
    }
    return false;
  }

  void sweep_block(const std::vector<std::vector<std::optional<CutSweep>>>& sweeps, std::int64_t run,
                   const SampleSet& images) {
    for (std::size_t e = 0; e < sweeps.size(); ++e) {
      for (std::size_t m = 0; m < sweeps[e].size(); ++m) {
        SweptModel& into = counts_.at(run, e, m);
        if (!sweeps[e][m] || !into.failure.empty()) continue;
        const Stopwatch watch;
        into.failure = failure_of([&] {
          const std::vector<std::int64_t> correct = sweeps[e][m]->count(view(images));
          for (std::size_t c = 0; c < correct.size(); ++c) into.correct[c] += correct[c];
        });
        into.seconds += watch.seconds();
      }
    }
  }

  void gather_counts() {
    Encoder encoder;
    for (const auto& model : counts_.models) {
      encoder.put_list(model.correct);
      encoder.put(model.seconds);
      encoder.put_text(model.failure);
    }
    const auto all = all_bytes(world_, encoder.take());
    for (int rank = 0; rank < world_.size(); ++rank) {
      if (rank == world_.rank()) continue;
      Decoder decoder(all[static_cast<std::size_t>(rank)], "counts of rank " + std::to_string(rank));
      for (auto& model : counts_.models) {
        const auto correct = decoder.get_list<std::int64_t>();
        if (correct.size() != model.correct.size()) decoder.refuse("another number of combinations");
        for (std::size_t c = 0; c < correct.size(); ++c) model.correct[c] += correct[c];
        model.seconds += decoder.get<double>();
        const std::string failure = decoder.get_text();
        if (model.failure.empty()) model.failure = failure;
      }
      decoder.finish();
    }
    note_failed_sweeps();
  }

  /// A partition whose sweep failed on some rank has no result.
  void note_failed_sweeps() {
    if (counts_.models.empty()) return;
    for (std::int64_t run = 0; run < job_.spec.runs; ++run) {
      ChosenPartitions& all = chosen_[static_cast<std::size_t>(run)];
      for (std::size_t e = 0; e < all.size(); ++e) {
        for (std::size_t m = 0; m < all[e].size(); ++m) {
          const std::string& failure = counts_.at(run, e, m).failure;
          if (all[e][m].good() && !failure.empty()) all[e][m].failure = "sweep: " + failure;
        }
      }
    }
  }

  void finish(CuttingOutcome& outcome) {
    for (std::int64_t run = 0; run < job_.spec.runs; ++run) {
      if (!any_good(run)) continue;
      StoredNetwork network = read_network(job_, run);
      network.weights.clear();  // what stays are the figures
      counts_.networks[static_cast<std::size_t>(run)] = std::move(network);
    }
    outcome.chosen = chosen_;
    if (job_.spec.random()) {
      for (const ChosenPartitions& run : chosen_) {
        for (const auto& experiment : run) {
          for (const ChosenPartition& chosen : experiment)
            if (!chosen.good()) outcome.code = ExitCode::failed;
        }
      }
      return;
    }
    outcome.results = cutting_results(job_, chosen_, counts_, facts_);
    write_results(job_.spec.output, outcome.results);
    outcome.code = outcome.results.valid ? ExitCode::good : ExitCode::invalid;
    if (status_of(outcome.results) == failed_runs_status)
      outcome.code = tell_failed_runs(outcome.results, "");
  }

  const CuttingJob& job_;
  const Communicator& world_;
  const CuttingOptions& options_;
  std::vector<ChosenPartitions> chosen_;
  std::vector<std::string> network_failures_;  ///< [run] of this rank; empty: none
  SweptCounts counts_;
  StudyFacts facts_;
};

}  // namespace

CuttingOutcome run_cutting(const CuttingJob& job, const Communicator& world, const CuttingOptions& options) {
  CuttingOutcome outcome;
  try {
    outcome = Study(job, world, options).run();
  } catch (const Interrupted&) {
    outcome.code = ExitCode::interrupted;
  }
  return outcome;
}

}  // namespace deepfog
