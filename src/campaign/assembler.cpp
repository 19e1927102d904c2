#include "campaign/assembler.hpp"

#include "campaign/model_tables.hpp"
#include "core/build_info.hpp"
#include "core/error.hpp"
#include "results/failed_runs.hpp"
#include "results/verify.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

ExperimentResults empty_experiment(const CampaignSpec& spec, const ExperimentSpec& experiment,
                                   const std::vector<ModelForm>& forms, const DatasetSummary& dataset) {
  ExperimentResults results;
  results.name = experiment.name;
  results.dataset = dataset.name;
  results.data_origin = dataset.origin;
  results.data_sha256 = dataset.content_sha256;
  results.split = dataset.split;
  results.guess = experiment.guess;
  results.classes = dataset.classes;
  results.train_samples = dataset.train_samples;
  results.validation_samples = dataset.validation_samples;
  results.test_samples = dataset.test_samples;
  results.runs = spec.runs;
  results.guess_accuracy = dataset.guess_accuracy;
  results.test_class_counts = dataset.test_class_counts;
  results.guess_probabilities = dataset.guess_probabilities;
  results.nodes = experiment.models.front().topology.failing_names();
  results.reliability = experiment.reliability;
  for (std::size_t m = 0; m < forms.size(); ++m)
    results.models.push_back(
        empty_tables(spec, experiment, experiment.models[m], forms[m], dataset.test_samples));
  for (const ModelResults& model : results.models) {
    if (!model.right.empty()) results.test_labels = dataset.test_labels;
  }
  return results;
}

std::string all_reasons(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

}  // namespace

std::vector<std::string> sample_hits_left_out(const CampaignSpec& spec, const ModelForms& forms,
                                              const std::vector<DatasetSummary>& datasets) {
  std::vector<std::string> lines;
  for (std::size_t e = 0; e < forms.size(); ++e) {
    for (std::size_t m = 0; m < forms[e].size(); ++m) {
      const std::string why = sample_hits_left_out(spec, forms[e][m], datasets[e].test_samples);
      if (!why.empty())
        lines.push_back("experiment " + spec.experiments[e].name + ", model " +
                        spec.experiments[e].models[m].name +
                        ": what each test sample got is left out: " + why);
    }
  }
  return lines;
}

Results finished_frame(const SessionInfo& session, const std::string& config, int threads_per_rank) {
  Results results;
  results.text = {{"software_version", build_info().version},
                  {"git_sha", build_info().git_sha},
                  {"created", session.created},
                  {"finished", utc_now()},
                  {"command_line", session.command_line},
                  {"config_text", config},
                  {"config_sha256", sha256(config)},
                  {"hosts", session.hosts},
                  {"mpi_library", session.mpi_library},
                  {"torch_version", session.torch_version},
                  {"blas_library", session.blas_library},
                  {"status", "complete"}};
  results.integers = {{"ranks", session.ranks}, {"threads_per_rank", threads_per_rank}};
  results.git_dirty = build_info().git_dirty;
  results.sessions = {session_record(session, threads_per_rank, results.text["finished"])};
  return results;
}

Assembler::Assembler(const CampaignSpec& spec, const ModelForms& forms,
                     const std::vector<DatasetSummary>& datasets, const SessionInfo& session,
                     std::vector<SessionResults> earlier)
    : spec_(spec), forms_(forms) {
  results_ = finished_frame(session, spec.config_text, spec.threads_per_rank);
  results_.sessions.insert(results_.sessions.begin(), earlier.begin(), earlier.end());
  results_.sessions.back().text["ended"] = "";
  results_.text["finished"] = "";
  results_.text["trainer"] = spec.trainer;
  results_.text["engine"] = spec.engine;
  results_.text["status"] = "running";
  results_.integers["memory_bytes"] = spec.memory_bytes;
  for (std::size_t e = 0; e < spec.experiments.size(); ++e) {
    results_.experiments.push_back(empty_experiment(spec, spec.experiments[e], forms[e], datasets[e]));
  }
}

const Results& Assembler::update(const RunStore& run_store, const std::string& status) {
  fill(run_store);
  const bool failed = status == "complete" && !failed_run_lines(results_).empty();
  results_.text["status"] = failed ? failed_runs_status : status;
  results_.text["finished"] = status == "running" ? "" : utc_now();
  results_.sessions.back().text["ended"] = results_.text["finished"];
  if (failed) {
    results_.valid = false;
    results_.invalid_reasons = failed_runs_reason(results_);
    for (const std::string& reason : verify(results_)) results_.invalid_reasons += "; " + reason;
  } else if (status == "complete") {
    results_.valid = true;  // verify() sees the file as it will be
    results_.invalid_reasons.clear();
    const std::vector<std::string> reasons = verify(results_);
    results_.valid = reasons.empty();
    results_.invalid_reasons = all_reasons(reasons);
  } else {
    results_.valid = false;
    results_.invalid_reasons = "not complete: status " + status;
  }
  return results_;
}

void Assembler::fill(const RunStore& run_store) {
  for (std::size_t e = 0; e < results_.experiments.size(); ++e) {
    ExperimentResults& experiment = results_.experiments[e];
    for (std::size_t m = 0; m < experiment.models.size(); ++m) {
      ModelResults& model = experiment.models[m];
      model.text.erase("failed_runs");
      for (std::int64_t run = 0; run < spec_.runs; ++run) {
        if (model.done[static_cast<std::size_t>(run)] != 0) continue;
        const RunRecord& record = run_store.run({static_cast<int>(e), static_cast<int>(m), run});
        if (!record.failure.empty()) note_failed_run(model, run, record.failure);
        if (record.done()) fill_run(model, forms_[e][m], experiment, run, record);
      }
    }
  }
}

}  // namespace deepfog
