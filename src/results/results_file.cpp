#include "results/results_file.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "results/exit_file.hpp"
#include "results/inference_file.hpp"
#include "results/partition_file.hpp"
#include "results/sample_hits_file.hpp"
#include "results/session_file.hpp"
#include "storage/hdf5_writer.hpp"

namespace deepfog {
namespace {

using hdf5::Shape;
using hdf5::Writer;

constexpr std::size_t most_nodes = 64, most_listed_nodes = 30;

struct Label {
  std::string units, long_name;
};

/// Writes the tables of one experiment; knows its sizes and its dimension scales.
class ExperimentWriter {
 public:
  ExperimentWriter(Writer& file, const ExperimentResults& experiment)
      : file_(file),
        experiment_(experiment),
        base_(file.join("/experiments", experiment.name)),
        runs_(experiment.runs) {
    if (experiment.nodes.size() > most_nodes) throw Failure(base_ + ": more than 64 nodes can fail");
    const bool listed = std::any_of(experiment.models.begin(), experiment.models.end(),
                                    [](const auto& model) { return table_form(model) == "combinations"; });
    if (!listed) return;
    if (experiment.nodes.size() > most_listed_nodes)
      throw Failure(base_ + ": more than 30 nodes can fail for a table of combinations");
    combinations_ = std::int64_t{1} << experiment.nodes.size();
  }

  void write() {
    file_.group(base_);
    write_attributes();
    write_scales();
    write_topology();
    sample_hits_file::write_labels(file_, base_, experiment_);
    file_.group(base_ + "/models");
    for (const ModelResults& model : experiment_.models) write_model(model);
  }

 private:
  void write_attributes() {
    const ExperimentResults& e = experiment_;
    file_.text(base_, "dataset", e.dataset);
    file_.text(base_, "data_origin", e.data_origin);
    file_.text(base_, "data_sha256", e.data_sha256);
    file_.text(base_, "split", e.split);
    file_.value(base_, "classes", e.classes);
    file_.value(base_, "train_samples", e.train_samples);
    file_.value(base_, "validation_samples", e.validation_samples);
    file_.value(base_, "test_samples", e.test_samples);
    file_.text(base_, "guess", e.guess);
    file_.value(base_, "guess_accuracy", e.guess_accuracy);
    file_.values(base_, "test_class_counts", e.test_class_counts);
    file_.values(base_, "guess_probabilities", e.guess_probabilities);
  }

  void write_scales() {
    file_.group(base_ + "/scales");
    write_scale("run", runs_, "run, from 0");
    if (combinations_ > 0) {
      write_scale("combination", combinations_,
                  "failure combination: bit i (least significant first) is topology/nodes[i], 1 = alive");
    }
  }

  void write_scale(const std::string& name, std::int64_t size, const std::string& long_name) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(size));
    std::iota(values.begin(), values.end(), 0);
    const std::string object = base_ + "/scales/" + name;
    file_.table(object, {size}, values);
    label(object, {"1", long_name});
    file_.scale(object, name);
  }

  void write_topology() {
    file_.group(base_ + "/topology");
    file_.strings(base_ + "/topology/nodes", experiment_.nodes);
    label(base_ + "/topology/nodes", {"1", "physical nodes that can fail, in vector order"});
    file_.text_table(base_ + "/topology/text",
                     experiment_.models.empty() ? "" : experiment_.models[0].topology_text);
    label(base_ + "/topology/text", {"1", "topology file of the first model"});
    file_.group(base_ + "/reliability");
    for (const auto& [setting, survival] : experiment_.reliability) {
      const std::string object = file_.join(base_ + "/reliability", setting);
      file_.table(object, {static_cast<std::int64_t>(experiment_.nodes.size())}, survival);
      label(object, {"1", "survival probability of each node"});
    }
  }

  void write_model(const ModelResults& model) {
    const std::string base = file_.join(base_ + "/models", model.name);
    file_.group(base);
    for (const auto& [name, value] : model.text) file_.text(base, name, value);
    for (const auto& [name, value] : model.integers) file_.value(base, name, value);
    for (const auto& [name, value] : model.numbers) file_.value(base, name, value);
    file_.values(base, "failout_rates", model.failout_rates);
    file_.text_table(base + "/topology_text", model.topology_text);
    label(base + "/topology_text", {"1", "topology file"});
    const std::string form = table_form(model);
    if (form == "classes") {
      write_classes(base, model);
    } else if (form == "bounds") {
      write_bounds(base, model);
    } else {
      write_counts(base, model);
    }
    write_averages(base + "/average_accuracy", model.average_accuracy, "average accuracy (Equation 3)");
    write_averages(base + "/average_precision", model.average_precision,
                   "average macro precision (Equation 3)");
    write_averages(base + "/average_recall", model.average_recall, "average macro recall (Equation 3)");
    by_run(base + "/validation_accuracy", model.validation_accuracy,
           {"1", "validation accuracy of the epoch kept"});
    by_run(base + "/train_seconds", model.train_seconds, {"s", "training time"});
    by_run(base + "/sweep_seconds", model.sweep_seconds,
           {"s", "time of the sweep over all failure combinations"});
    by_run(base + "/best_epoch", model.best_epoch, {"1", "epoch whose weights were kept"});
    by_run(base + "/done", model.done, {"1", "1 where the run is finished"});
    partition_file::write(file_, base, runs_, base_ + "/scales/run", model.partition);
    sample_hits_file::write(file_, base, experiment_, base_ + "/scales", model);
    const std::int64_t rows = form == "classes"
                                  ? static_cast<std::int64_t>(model.class_correct.size()) / runs_
                              : form == "bounds" ? 0
                                                 : combinations_;
    exit_file::write(file_, base, {runs_, rows, form == "combinations"}, base_ + "/scales", model.exits);
  }

  void write_counts(const std::string& base, const ModelResults& model) {
    const Shape shape{runs_, combinations_};
    const std::string correct = base + "/correct", flow = base + "/flow", accuracy = base + "/accuracy";
    file_.table(correct, shape, model.correct);
    finish(correct, {"samples", "correct test predictions, 0 where nothing flows"}, {"run", "combination"});
    file_.table(flow, {combinations_}, model.flow);
    finish(flow, {"1", "1 where information reaches the last node"}, {"combination"});
    file_.table(accuracy, shape, model.accuracy);
    finish(accuracy, {"1", "test accuracy, the guess's expectation where nothing flows"},
           {"run", "combination"});
    if (model.confusion.empty()) return;
    const std::string confusion = base + "/confusion";
    file_.table(confusion, {runs_, combinations_, experiment_.classes, experiment_.classes}, model.confusion);
    finish(confusion, {"samples", "test samples by true class (rows) and predicted class (columns)"},
           {"run", "combination"});
  }

  void write_classes(const std::string& base, const ModelResults& model) {
    const std::int64_t classes = static_cast<std::int64_t>(model.class_correct.size()) / runs_;
    file_.table(base + "/class_correct", {runs_, classes}, model.class_correct);
    finish(base + "/class_correct",
           {"samples", "correct test predictions by class of the last stage; class 0: nothing flows"},
           {"run"});
    file_.table(base + "/class_accuracy", {runs_, classes}, model.class_accuracy);
    finish(base + "/class_accuracy", {"1", "test accuracy by class, the guess's expectation for class 0"},
           {"run"});
    const std::string map = base + "/diagram";
    file_.group(map);
    column(map + "/position", model.diagram.position,
           "node decided in the step, by place in topology/nodes; -1: none");
    column(map + "/states", model.diagram.states, "states before the step");
    column(map + "/failed", model.diagram.failed,
           "next state where the node is failed, one step after the other");
    column(map + "/alive", model.diagram.alive,
           "next state where the node is alive, one step after the other");
    column(map + "/class_of_state", model.diagram.class_of_state, "class of each state after the last step");
  }

  void write_bounds(const std::string& base, const ModelResults& model) {
    file_.group(base + "/bounds");
    for (const auto& [setting, values] : model.bounds) {
      const std::string object = file_.join(base + "/bounds", setting);
      file_.table(object, {runs_, 2}, values);
      finish(object, {"1", "lower and upper bound of the average accuracy"}, {"run"});
      file_.text(object, "method", model.methods.at(setting));
    }
    file_.group(base + "/explored_mass");
    for (const auto& [setting, values] : model.explored_mass)
      by_run(file_.join(base + "/explored_mass", setting), values,
             {"1", "probability of the combinations looked at one by one"});
    by_run(base + "/explored", model.explored, {"1", "combinations looked at, over all settings"});
  }

  template <class T>
  void column(const std::string& object, const std::vector<T>& values, const std::string& long_name) {
    file_.table(object, {static_cast<std::int64_t>(values.size())}, values);
    label(object, {"1", long_name});
  }

  void write_averages(const std::string& base, const std::map<std::string, std::vector<double>>& averages,
                      const std::string& long_name) {
    if (averages.empty()) return;
    file_.group(base);
    for (const auto& [setting, by_runs] : averages)
      by_run(file_.join(base, setting), by_runs, {"1", long_name});
  }

  template <class T>
  void by_run(const std::string& object, const std::vector<T>& values, const Label& text) {
    file_.table(object, {runs_}, values);
    finish(object, text, {"run"});
  }

  void finish(const std::string& object, const Label& text, const std::vector<std::string>& scales) {
    label(object, text);
    for (std::size_t i = 0; i < scales.size(); ++i) {
      file_.attach(object, static_cast<unsigned>(i), base_ + "/scales/" + scales[i]);
    }
  }

  void label(const std::string& object, const Label& text) {
    file_.text(object, "units", text.units);
    file_.text(object, "long_name", text.long_name);
  }

  Writer& file_;
  const ExperimentResults& experiment_;
  std::string base_;
  std::int64_t runs_ = 0, combinations_ = 0;
};

}  // namespace

void write_results(const std::string& path, const Results& results) {
  Writer file(path, "deepfog-results", 1);
  for (const auto& [name, value] : results.text) file.text("/", name, value);
  for (const auto& [name, value] : results.integers) file.value("/", name, value);
  file.value<std::uint8_t>("/", "git_dirty", results.git_dirty ? 1 : 0);
  file.value<std::uint8_t>("/", "valid", results.valid ? 1 : 0);
  file.text("/", "invalid_reasons", results.invalid_reasons);
  session_file::write(file, results.sessions);
  file.group("/experiments");
  for (const ExperimentResults& experiment : results.experiments) ExperimentWriter(file, experiment).write();
  if (!results.inference.empty()) file.group("/inference");  // absent elsewhere, as in older files
  for (const InferenceResults& inference : results.inference) inference_file::write(file, inference);
  file.commit();
}

}  // namespace deepfog
