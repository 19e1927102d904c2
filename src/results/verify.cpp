#include "results/verify.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "resilience/combination.hpp"
#include "results/failed_runs.hpp"
#include "results/verify_config.hpp"
#include "results/verify_inference.hpp"
#include "results/verify_model.hpp"
#include "results/verify_numbers.hpp"
#include "results/violations.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

constexpr std::size_t most_nodes = 64, most_listed_nodes = 30;
constexpr std::int64_t most_samples = std::int64_t{1} << 40;  // sums of counts stay far from overflow

using namespace verification;
using Averages = std::map<std::string, std::vector<double>>;

/// The checks of one experiment. Returns whether its sizes are sound, so that its models can be looked at.
bool check_samples(const ExperimentResults& e, const std::string& base, Violations& violations) {
  const auto classes = static_cast<std::size_t>(e.classes);
  violations.expect_word(base + "@data_origin", e.data_origin, {"real", "synthetic"});
  violations.expect_word(base + "@guess", e.guess, {"uniform", "class_frequency"});
  violations.expect(e.data_sha256.size() == 64, base + "@data_sha256", "not a SHA-256");
  violations.expect(e.train_samples >= 1, base + "@train_samples", std::to_string(e.train_samples));
  violations.expect(e.validation_samples >= 0, base + "@validation_samples",
                    std::to_string(e.validation_samples));
  bool good = violations.expect(e.classes >= 1, base + "@classes", std::to_string(e.classes));
  good = violations.expect(e.test_samples >= 1 && e.test_samples <= most_samples, base + "@test_samples",
                           std::to_string(e.test_samples)) &&
         good;
  good = violations.expect(e.runs >= 1, base + "/scales/run", "no runs") && good;
  good = violations.expect(e.nodes.size() <= most_nodes, base + "/topology/nodes", "more than 64") && good;
  good = violations.expect(e.test_class_counts.size() == classes, base + "@test_class_counts",
                           "not one a class") &&
         good;
  good = violations.expect(e.guess_probabilities.size() == classes, base + "@guess_probabilities",
                           "not one a class") &&
         good;
  return good;
}

void check_guess(const ExperimentResults& e, const std::string& base, Violations& violations) {
  std::int64_t samples = 0;
  double sum = 0, expected = 0;
  for (std::size_t c = 0; c < e.guess_probabilities.size(); ++c) {
    const std::int64_t count = e.test_class_counts[c];
    if (violations.expect(count >= 0 && count <= e.test_samples, base + "@test_class_counts",
                          std::to_string(count))) {
      samples += count;
    }
    sum += e.guess_probabilities[c];
    expected += e.guess_probabilities[c] * static_cast<double>(e.test_class_counts[c]) /
                static_cast<double>(e.test_samples);
    const bool right =
        e.guess != "uniform" || nearly_equal(e.guess_probabilities[c], 1.0 / static_cast<double>(e.classes));
    violations.expect(in_unit(e.guess_probabilities[c]) && right, base + "@guess_probabilities",
                      show(e.guess_probabilities[c]) + " of class " + std::to_string(c));
  }
  violations.expect(
      samples == e.test_samples, base + "@test_class_counts",
      "sum to " + std::to_string(samples) + " (test_samples " + std::to_string(e.test_samples) + ")");
  violations.expect(nearly_equal(sum, 1), base + "@guess_probabilities", "sum to " + show(sum) + " (1)");
  violations.expect(nearly_equal(e.guess_accuracy, expected), base + "@guess_accuracy",
                    show(e.guess_accuracy) + ", but the probabilities give " + show(expected));
}

void check_labels(const ExperimentResults& e, const std::string& base, Violations& violations) {
  const std::string where = base + "/test_labels";
  if (e.test_labels.empty()) return;
  std::vector<std::int64_t> counts(e.test_class_counts.size());
  for (const std::int32_t label : e.test_labels) {
    if (!violations.expect(label >= 0 && label < e.classes, where, "class " + std::to_string(label))) return;
    ++counts[static_cast<std::size_t>(label)];
  }
  violations.expect(counts == e.test_class_counts, where, "other counts than @test_class_counts");
}

/// Whether a model's counts are kept by combination.
bool lists_combinations(const ExperimentResults& e) {
  return std::any_of(e.models.begin(), e.models.end(),
                     [](const ModelResults& model) { return table_form(model) == "combinations"; });
}

/// Equation 2 for every sound setting; empty where no model lists its combinations.
Averages check_reliability(const ExperimentResults& e, const std::string& base, Violations& violations) {
  Averages table;
  violations.expect(!e.reliability.empty(), base + "/reliability", "no setting");
  for (const auto& [setting, survival] : e.reliability) {
    const std::string where = base + "/reliability/" + setting;
    bool good = violations.expect(
        survival.size() == e.nodes.size(), where,
        std::to_string(survival.size()) + " values (" + std::to_string(e.nodes.size()) + ")");
    for (const double r : survival) {
      good = violations.expect(in_unit(r) && (setting != "no_failure" || r == 1), where, show(r)) && good;
    }
    if (!good) continue;
    if (!lists_combinations(e)) {
      table[setting];
      continue;
    }
    std::vector<double> probability = probabilities(survival);
    const double sum = equation_3(probability, std::vector<double>(probability.size(), 1.0).data());
    violations.expect(nearly_equal(sum, 1), where,
                      "the probabilities of the combinations sum to " + show(sum) + " (1)");
    table[setting] = std::move(probability);
  }
  return table;
}

/// Experiments on the same data set say the same of it.
void check_shared_data(const Results& results, Violations& violations) {
  std::map<std::string, const ExperimentResults*> first;
  for (const ExperimentResults& e : results.experiments) {
    const ExperimentResults& other = *first.emplace(e.data_sha256, &e).first->second;
    const bool same = e.dataset == other.dataset && e.data_origin == other.data_origin &&
                      e.classes == other.classes &&
                      (e.split != other.split || (e.train_samples == other.train_samples &&
                                                  e.validation_samples == other.validation_samples &&
                                                  e.test_samples == other.test_samples));
    violations.expect(same, "/experiments/" + e.name,
                      "says another thing of its data set than " + other.name + " of the same one");
  }
}

void check_root(const Results& results, Violations& violations) {
  // What read_results has checked already or keeps in members of its own.
  std::set<std::string> text = keys(results.text), integers = keys(results.integers);
  text.insert({"format", "invalid_reasons"});
  integers.insert("format_version");
  violations.expect_attributes("/", "/", "string", text);
  violations.expect_attributes("/", "/", "int64", integers);
  const auto status = results.text.find("status");
  if (status != results.text.end()) {
    violations.expect_word("/@status", status->second,
                           {"running", "interrupted", "share", failed_runs_status, "complete"});
    const bool failed = !failed_run_lines(results).empty();
    violations.expect(status->second != "complete" || !failed, "/@status", "complete, but runs have failed");
    violations.expect(status->second != failed_runs_status || failed, "/@status", "no run has failed");
    // A distributed run is over, however it ended; a campaign goes on.
    violations.expect(status->second == "complete" || results.inference.empty(), "/@status",
                      "the run is incomplete (" + status->second + ")");
  }
  const auto config = results.text.find("config_text"), sum = results.text.find("config_sha256");
  if (config != results.text.end() && sum != results.text.end()) {
    violations.expect(sha256(config->second) == sum->second, "/@config_sha256", "is not that of config_text");
  }
  violations.expect(!results.valid || results.invalid_reasons.empty(), "/@invalid_reasons",
                    "not empty, but valid is 1");
  violations.expect(!results.experiments.empty() || !results.inference.empty(), "/experiments",
                    "no experiment");
}

}  // namespace

std::vector<std::string> verify(const Results& results) {
  Violations violations;
  check_root(results, violations);
  const auto status = results.text.find("status");
  const bool complete =
      status != results.text.end() && (status->second == "complete" || status->second == failed_runs_status);
  check_shared_data(results, violations);
  for (const ExperimentResults& experiment : results.experiments) {
    const std::string base = "/experiments/" + experiment.name;
    if (!check_samples(experiment, base, violations)) continue;
    check_guess(experiment, base, violations);
    check_labels(experiment, base, violations);
    if (lists_combinations(experiment) &&
        !violations.expect(experiment.nodes.size() <= most_listed_nodes, base + "/topology/nodes",
                           "more than 30 for a table of combinations")) {
      continue;
    }
    const Averages probabilities = check_reliability(experiment, base, violations);
    violations.expect(!experiment.models.empty(), base + "/models", "no model");
    violations.expect(experiment.topology_text.empty() || experiment.models.empty() ||
                          experiment.topology_text == experiment.models.front().topology_text,
                      base + "/topology/text", "is not the topology of the first model");
    if (probabilities.size() != experiment.reliability.size()) continue;
    for (const ModelResults& model : experiment.models) {
      verify_model(experiment, model, probabilities, complete, violations);
    }
  }
  verify_config(results, violations);
  for (const InferenceResults& inference : results.inference) verify_inference(inference, violations);
  verify_numbers(results, violations);
  return violations.lines();
}

}  // namespace deepfog
