#include <algorithm>

#include "core/error.hpp"
#include "results/exit_file.hpp"
#include "results/inference_file.hpp"
#include "results/partition_file.hpp"
#include "results/results_file.hpp"
#include "results/results_maps.hpp"
#include "results/sample_hits_file.hpp"
#include "results/session_file.hpp"
#include "storage/hdf5_reader.hpp"

namespace deepfog {
namespace {

using hdf5::Entry;
using hdf5::Reader;
using hdf5::Shape;
using hdf5::Type;

constexpr std::int64_t most_nodes = 64, most_listed_nodes = 30, most_runs = 1000000, most_classes = 100000;

bool flag(const Reader& file, const std::string& name) {
  const auto value = file.value<std::uint8_t>("/", name);
  if (value > 1) throw UserError(file.where("/@" + name), std::to_string(value), "0 or 1");
  return value == 1;
}

class ExperimentReader {
 public:
  ExperimentReader(const Reader& file, const std::string& name) : file_(file), base_("/experiments/" + name) {
    result_.name = name;
  }

  ExperimentResults read() {
    read_attributes();
    read_sizes();
    sample_hits_file::read_labels(file_, base_, result_);
    for (const std::string& setting : file_.children(base_ + "/reliability")) {
      result_.reliability.emplace_back(setting,
                                       file_.table<double>(base_ + "/reliability/" + setting, {nodes_}));
    }
    for (const std::string& model : file_.children(base_ + "/models"))
      result_.models.push_back(read_model(model));
    return std::move(result_);
  }

 private:
  void read_attributes() {
    ExperimentResults& e = result_;
    e.dataset = file_.text(base_, "dataset");
    e.data_origin = file_.text(base_, "data_origin");
    e.data_sha256 = file_.text(base_, "data_sha256");
    e.split = file_.text(base_, "split");
    e.guess = file_.text(base_, "guess");
    e.classes = file_.value<std::int64_t>(base_, "classes");
    if (e.classes < 1 || e.classes > most_classes) {
      throw UserError(file_.where(base_ + "@classes"), std::to_string(e.classes),
                      "1 to " + std::to_string(most_classes));
    }
    e.train_samples = file_.value<std::int64_t>(base_, "train_samples");
    e.validation_samples = file_.value<std::int64_t>(base_, "validation_samples");
    e.test_samples = file_.value<std::int64_t>(base_, "test_samples");
    e.guess_accuracy = file_.value<double>(base_, "guess_accuracy");
    e.test_class_counts =
        Reader::read<std::int64_t>(file_.open_attribute(base_, "test_class_counts"), {e.classes});
    e.guess_probabilities =
        Reader::read<double>(file_.open_attribute(base_, "guess_probabilities"), {e.classes});
  }

  void read_sizes() {
    result_.nodes = Reader::read_strings(file_.open(base_ + "/topology/nodes"), {-1});
    result_.topology_text = Reader::read_strings(file_.open(base_ + "/topology/text"), {}).front();
    nodes_ = static_cast<std::int64_t>(result_.nodes.size());
    if (nodes_ > most_nodes) {
      throw UserError(file_.where(base_ + "/topology/nodes"), std::to_string(nodes_) + " nodes",
                      "at most 64");
    }
    if (file_.has(base_ + "/scales/combination")) read_combinations();
    const Entry runs = file_.open(base_ + "/scales/run");
    Reader::expect(runs, Type::int64, {-1});
    runs_ = runs.shape[0];
    if (runs_ > most_runs) throw UserError(runs.where, std::to_string(runs_) + " runs", "at most 1000000");
    result_.runs = runs_;
  }

  void read_combinations() {
    if (nodes_ > most_listed_nodes) {
      throw UserError(file_.where(base_ + "/scales/combination"), std::to_string(nodes_) + " nodes",
                      "at most 30 for a table of combinations");
    }
    combinations_ = std::int64_t{1} << nodes_;
    file_.table<std::int64_t>(base_ + "/scales/combination", {combinations_});
  }

  ModelResults read_model(const std::string& name) const {
    const std::string base = base_ + "/models/" + name;
    ModelResults model;
    model.name = name;
    read_maps(file_, base, {"failout_rates"}, model.text, model.integers, &model.numbers);
    model.failout_rates = Reader::read<double>(file_.open_attribute(base, "failout_rates"), {nodes_});
    model.topology_text = Reader::read_strings(file_.open(base + "/topology_text"), {}).front();
    const std::string form = table_form(model);
    if (form == "combinations") {
      read_counts(base, model);
    } else if (form == "classes") {
      read_classes(base, model);
    } else if (form == "bounds") {
      read_bounds(base, model);
    } else {
      throw UserError(file_.where(base + "@table"), "'" + form + "'", "combinations, classes, bounds");
    }
    model.average_accuracy = read_averages(base + "/average_accuracy");
    model.average_precision = read_averages(base + "/average_precision");
    model.average_recall = read_averages(base + "/average_recall");
    model.validation_accuracy = file_.table<double>(base + "/validation_accuracy", {runs_});
    model.train_seconds = file_.table<double>(base + "/train_seconds", {runs_});
    model.sweep_seconds = file_.table<double>(base + "/sweep_seconds", {runs_});
    model.best_epoch = file_.table<std::int64_t>(base + "/best_epoch", {runs_});
    model.done = file_.table<std::uint8_t>(base + "/done", {runs_});
    model.partition = partition_file::read(file_, base, runs_);
    sample_hits_file::read(file_, base, result_, model);
    const std::int64_t rows = form == "combinations" ? combinations_
                                                     : static_cast<std::int64_t>(model.class_correct.size()) /
                                                           std::max<std::int64_t>(1, runs_);
    model.exits = exit_file::read(file_, base, {runs_, rows, form == "combinations"});
    return model;
  }

  void read_counts(const std::string& base, ModelResults& model) const {
    if (combinations_ == 0) {
      throw UserError(file_.where(base_ + "/scales/combination"), "missing", "int64, one a combination");
    }
    const Shape table{runs_, combinations_};
    model.correct = file_.table<std::int64_t>(base + "/correct", table);
    model.flow = file_.table<std::uint8_t>(base + "/flow", {combinations_});
    model.accuracy = file_.table<double>(base + "/accuracy", table);
    if (file_.has(base + "/confusion")) {
      model.confusion = file_.table<std::int64_t>(base + "/confusion",
                                                  {runs_, combinations_, result_.classes, result_.classes});
    }
  }

  void read_classes(const std::string& base, ModelResults& model) const {
    model.class_correct = file_.table<std::int64_t>(base + "/class_correct", {runs_, -1});
    const std::int64_t classes =
        runs_ == 0 ? 0 : static_cast<std::int64_t>(model.class_correct.size()) / runs_;
    model.class_accuracy = file_.table<double>(base + "/class_accuracy", {runs_, classes});
    const std::string map = base + "/diagram";
    model.diagram.position = file_.table<std::int32_t>(map + "/position", {-1});
    const auto steps = static_cast<std::int64_t>(model.diagram.position.size());
    model.diagram.states = file_.table<std::int64_t>(map + "/states", {steps});
    model.diagram.failed = file_.table<std::int32_t>(map + "/failed", {-1});
    const auto moves = static_cast<std::int64_t>(model.diagram.failed.size());
    model.diagram.alive = file_.table<std::int32_t>(map + "/alive", {moves});
    model.diagram.class_of_state = file_.table<std::int32_t>(map + "/class_of_state", {-1});
  }

  void read_bounds(const std::string& base, ModelResults& model) const {
    for (const std::string& setting : file_.children(base + "/bounds")) {
      const std::string object = base + "/bounds/" + setting;
      model.bounds[setting] = file_.table<double>(object, {runs_, 2});
      model.methods[setting] = file_.text(object, "method");
    }
    model.explored_mass = read_averages(base + "/explored_mass");
    model.explored = file_.table<std::int64_t>(base + "/explored", {runs_});
  }

  std::map<std::string, std::vector<double>> read_averages(const std::string& group) const {
    std::map<std::string, std::vector<double>> averages;
    if (!file_.has(group)) return averages;
    for (const std::string& setting : file_.children(group)) {
      averages[setting] = file_.table<double>(group + "/" + setting, {runs_});
    }
    return averages;
  }

  const Reader& file_;
  std::string base_;
  ExperimentResults result_;
  std::int64_t nodes_ = 0, runs_ = 0, combinations_ = 0;
};

}  // namespace

void read_maps(const Reader& file, const std::string& object, const std::vector<std::string>& apart,
               std::map<std::string, std::string>& text, std::map<std::string, std::int64_t>& integers,
               std::map<std::string, double>* numbers) {
  for (const std::string& name : file.attribute_names(object)) {
    if (std::find(apart.begin(), apart.end(), name) != apart.end()) continue;
    const Entry entry = file.open_attribute(object, name);
    const Type type = hdf5::type_of(entry.type.id());
    if (type == Type::string) {
      text[name] = Reader::read_strings(entry, {}).front();
    } else if (type == Type::int64) {
      integers[name] = Reader::read<std::int64_t>(entry, {}).front();
    } else if (type == Type::float64 && numbers != nullptr) {
      (*numbers)[name] = Reader::read<double>(entry, {}).front();
    } else {
      throw UserError(
          entry.where, "type " + hdf5::type_name(entry.type.id()),
          numbers != nullptr ? "fixed-length string, int64, float64" : "fixed-length string, int64");
    }
  }
}

Results read_results(const std::string& path) {
  const Reader file(path, "deepfog-results", 1);
  Results results;
  results.git_dirty = flag(file, "git_dirty");
  results.valid = flag(file, "valid");
  results.invalid_reasons = file.text("/", "invalid_reasons");
  read_maps(file, "/", {"format", "format_version", "git_dirty", "valid", "invalid_reasons"}, results.text,
            results.integers, nullptr);
  results.sessions = session_file::read(file);
  for (const std::string& name : file.children("/experiments")) {
    results.experiments.push_back(ExperimentReader(file, name).read());
  }
  if (!file.has("/inference")) return results;
  for (const std::string& name : file.children("/inference")) {
    results.inference.push_back(inference_file::read(file, name));
  }
  return results;
}

}  // namespace deepfog
