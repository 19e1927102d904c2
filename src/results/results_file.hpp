#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "results/exit_tables.hpp"
#include "results/inference_results.hpp"
#include "results/partition_tables.hpp"
#include "results/session_results.hpp"

namespace deepfog {

/// The failure diagram of a model as plain vectors: a combination's class is found by walking from state 0
/// (README).
struct StoredDiagram {
  std::vector<std::int32_t> position;       ///< [steps] decided in the step, by place in the vector; -1: none
  std::vector<std::int64_t> states;         ///< [steps] before the step
  std::vector<std::int32_t> failed, alive;  ///< [sum of states] next state when the node is failed, alive
  std::vector<std::int32_t> class_of_state;  ///< [states after the last step]
};

/// Everything a results file holds (format "deepfog-results", format_version 1; layout in README), as plain
/// values. The writer lays it out, the reader gives it back, verify() checks its invariants.
struct ModelResults {
  std::string name;
  std::map<std::string, std::string>
      text;  ///< attributes: topology, training, optimiser, class_weights, normalise ...
  std::map<std::string, std::int64_t> integers;  ///< attributes: epochs, batch_size, seed, parameters ...
  std::map<std::string, double> numbers;         ///< attributes: learning_rate ...
  std::vector<double> failout_rates;             ///< [n]
  std::string topology_text;
  std::vector<std::int64_t> correct;    ///< [runs, combinations]
  std::vector<std::uint8_t> flow;       ///< [combinations]
  std::vector<double> accuracy;         ///< [runs, combinations]
  std::vector<std::int64_t> confusion;  ///< [runs, combinations, classes, classes] or empty
  /// Bits of the samples that are predicted right, as SampleHits has them, or empty: [runs, rows,
  /// ceil(test_samples / 8)]. Row of each combination, from 1, 0 where nothing flows; of the form "classes"
  /// rows are the classes from 1 on and `right_row` is empty.
  std::vector<std::uint8_t> right;
  std::vector<std::int32_t> right_row;  ///< [combinations]
  // Of the form "classes" instead of the four above: classes of the diagram's last stage, 0: nothing flows.
  std::vector<std::int64_t> class_correct;  ///< [runs, classes + 1]
  std::vector<double> class_accuracy;       ///< [runs, classes + 1]
  StoredDiagram diagram;
  // Of the form "bounds".
  std::map<std::string, std::vector<double>> bounds;         ///< setting -> [runs, 2]: lower, upper
  std::map<std::string, std::vector<double>> explored_mass;  ///< setting -> [runs]
  std::map<std::string, std::string> methods;                ///< setting -> what was used
  std::vector<std::int64_t> explored;                        ///< [runs] combinations looked at
  std::map<std::string, std::vector<double>> average_accuracy, average_precision,
      average_recall;                                                     ///< setting -> [runs]
  std::vector<double> validation_accuracy, train_seconds, sweep_seconds;  ///< [runs]
  std::vector<std::int64_t> best_epoch;                                   ///< [runs]
  std::vector<std::uint8_t> done;                                         ///< [runs]
  PartitionTables partition;  ///< of a network cut over devices, else empty
  ExitTables exits;           ///< of a network with early exits, else empty
};

/// How a model's counts are kept, attribute `table`: "combinations" (also where it is missing), "classes" or
/// "bounds".
std::string table_form(const ModelResults& model);

struct ExperimentResults {
  std::string name, dataset, data_origin, data_sha256, split, guess;
  std::int64_t classes = 0, train_samples = 0, validation_samples = 0, test_samples = 0, runs = 0;
  double guess_accuracy = 0;
  std::vector<std::int64_t> test_class_counts;  ///< [classes], for expected precision under guessing
  std::vector<double> guess_probabilities;      ///< [classes]
  std::vector<std::int32_t> test_labels;        ///< [test_samples]; empty where no model keeps its samples
  std::vector<std::string> nodes;               ///< [n], vector order
  std::string topology_text;  ///< as read: a copy of the first model's; not written from here
  std::vector<std::pair<std::string, std::vector<double>>> reliability;  ///< setting -> [n], config order
  std::vector<ModelResults> models;                                      ///< config order
};

struct Results {
  std::map<std::string, std::string>
      text;  ///< root string attributes, among them created, config_text, status
  std::map<std::string, std::int64_t> integers;  ///< ranks, threads_per_rank
  bool git_dirty = false, valid = false;
  std::string invalid_reasons;
  std::vector<ExperimentResults> experiments;
  std::vector<SessionResults> sessions;     ///< in the order of their beginning; empty in older files
  std::vector<InferenceResults> inference;  ///< distributed runs; a file may hold these alone
};

/// Writes the whole file anew: temporary file in the same folder, H5Fclose, fsync, rename. Reproducible: the
/// same values give the same bytes (no time stamps in object headers).
void write_results(const std::string& path, const Results& results);

/// Reads a file written by write_results. Throws UserError "file:object: what (allowed)" on anything else.
Results read_results(const std::string& path);

/// One line an object the writer makes, as postprocess/schema.py --list prints them; a test keeps the two in
/// step.
std::vector<std::string> results_schema();

}  // namespace deepfog
