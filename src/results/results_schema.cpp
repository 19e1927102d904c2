#include <algorithm>

#include "results/exit_file.hpp"
#include "results/inference_file.hpp"
#include "results/partition_file.hpp"
#include "results/results_file.hpp"
#include "results/sample_hits_file.hpp"
#include "results/session_file.hpp"

namespace deepfog {
namespace {

/// `prefix` ends in '/': attributes are listed like tables, told apart by the second word. `need`: required,
/// optional, or required where the model's attribute `table` is this word, and absent elsewhere.
void add(std::vector<std::string>& lines, const std::string& prefix, const std::string& kind,
         const std::string& type_and_rank, const std::vector<std::string>& names,
         const std::string& need = "required") {
  const std::string ending = "|" + kind + "|" + type_and_rank + "|" + need;
  for (const std::string& name : names) lines.push_back(prefix + name + ending);
}

void add_root(std::vector<std::string>& lines) {
  add(lines, "/", "attribute", "string|0",
      {"format", "software_version", "git_sha", "created", "finished", "command_line", "config_text",
       "config_sha256", "hosts", "mpi_library", "torch_version", "blas_library", "status",
       "invalid_reasons"});
  add(lines, "/", "attribute", "int64|0", {"format_version", "ranks", "threads_per_rank"});
  add(lines, "/", "attribute", "string|0", {"engine", "trainer"}, "optional");
  add(lines, "/", "attribute", "int64|0", {"memory_bytes"}, "optional");
  add(lines, "/", "attribute", "uint8|0", {"git_dirty", "valid"});
}

void add_experiment(std::vector<std::string>& lines, const std::string& experiment) {
  add(lines, experiment, "attribute", "string|0",
      {"dataset", "data_origin", "data_sha256", "split", "guess"});
  add(lines, experiment, "attribute", "int64|0",
      {"classes", "train_samples", "validation_samples", "test_samples"});
  add(lines, experiment, "attribute", "float64|0", {"guess_accuracy"});
  add(lines, experiment, "attribute", "int64|1", {"test_class_counts"});
  add(lines, experiment, "attribute", "float64|1", {"guess_probabilities"});
  add(lines, experiment, "dataset", "string|1", {"topology/nodes"});
  add(lines, experiment, "dataset", "string|0", {"topology/text"});
  add(lines, experiment, "dataset", "float64|1", {"reliability/<setting>"});
  add(lines, experiment, "dataset", "int64|1", {"scales/run"});
  add(lines, experiment, "dataset", "int64|1", {"scales/combination"}, "combinations");
}

void add_model(std::vector<std::string>& lines, const std::string& model) {
  add(lines, model, "attribute", "string|0",
      {"topology", "training", "optimiser", "class_weights", "normalise"});
  add(lines, model, "attribute", "int64|0", {"epochs", "batch_size", "seed", "parameters"});
  add(lines, model, "attribute", "float64|0", {"learning_rate"});
  add(lines, model, "attribute", "float64|1", {"failout_rates"});
  add(lines, model, "dataset", "string|0", {"topology_text"});
  add(lines, model, "attribute", "string|0", {"table", "weights_of", "seeds_of", "failed_runs"}, "optional");
  add(lines, model, "dataset", "int64|2", {"correct"}, "combinations");
  add(lines, model, "dataset", "uint8|1", {"flow"}, "combinations");
  add(lines, model, "dataset", "float64|2", {"accuracy"}, "combinations");
  add(lines, model, "dataset", "int64|2", {"class_correct"}, "classes");
  add(lines, model, "dataset", "float64|2", {"class_accuracy"}, "classes");
  add(lines, model, "dataset", "int32|1",
      {"diagram/position", "diagram/failed", "diagram/alive", "diagram/class_of_state"}, "classes");
  add(lines, model, "dataset", "int64|1", {"diagram/states"}, "classes");
  add(lines, model, "dataset", "float64|2", {"bounds/<setting>"}, "bounds");
  add(lines, model, "attribute", "string|0", {"bounds/<setting>/method"}, "bounds");
  add(lines, model, "dataset", "float64|1", {"explored_mass/<setting>"}, "bounds");
  add(lines, model, "dataset", "int64|1", {"explored"}, "bounds");
  add(lines, model, "dataset", "uint8|1", {"done"});
  add(lines, model, "dataset", "int64|4", {"confusion"}, "optional");
  add(lines, model, "dataset", "float64|1",
      {"average_accuracy/<setting>", "validation_accuracy", "train_seconds", "sweep_seconds"});
  add(lines, model, "dataset", "float64|1", {"average_precision/<setting>", "average_recall/<setting>"},
      "optional");
  add(lines, model, "dataset", "int64|1", {"best_epoch"});
}

}  // namespace

std::string table_form(const ModelResults& model) {
  const auto entry = model.text.find("table");
  return entry == model.text.end() ? "combinations" : entry->second;
}

std::vector<std::string> results_schema() {
  const std::string experiment = "/experiments/<experiment>/";
  std::vector<std::string> lines;
  add_root(lines);
  add_experiment(lines, experiment);
  add_model(lines, experiment + "models/<model>/");
  for (std::string& line : partition_file::schema(experiment + "models/<model>/"))
    lines.push_back(std::move(line));
  for (std::string& line : exit_file::schema(experiment + "models/<model>/"))
    lines.push_back(std::move(line));
  for (std::string& line : sample_hits_file::schema(experiment)) lines.push_back(std::move(line));
  for (std::string& line : inference_file::schema()) lines.push_back(std::move(line));
  for (std::string& line : session_file::schema()) lines.push_back(std::move(line));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace deepfog
