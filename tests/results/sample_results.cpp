#include "sample_results.hpp"

#include "storage/sha256.hpp"

namespace deepfog::test {
namespace {

constexpr std::int64_t runs = 2, nodes = 3, combinations = 8, classes = 3, samples = 10;
constexpr char with_skip[] =
    "topology with-skip\nsource iot 4\nnode a relu:4\nnode b relu:4\nnode c relu:4 linear:3\n"
    "link iot -> a\nlink a -> b\nlink b -> c\nlink a -> c skip\nfails c b a\n";
constexpr char in_a_row[] =
    "topology in-a-row\nsource iot 4\nnode a relu:4\nnode b relu:4\nnode c relu:4 linear:3\n"
    "link iot -> a\nlink a -> b\nlink b -> c\nfails c b a\n";

/// Bits from the least significant: c, b, a. With the skip, information needs a and c; in a row, all three.
std::vector<std::uint8_t> flow_of(bool skip) {
  return skip ? std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 0, 1}
              : std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1};
}

/// Some samples are right, as many as are counted. Rows are classes of the diagram: all alive, then without
/// b.
void fill_sample_hits(ModelResults& m, bool skip) {
  m.right_row.assign(combinations, 0);
  m.right_row[7] = 1;
  m.right_row[5] = skip ? 2 : 0;
  const std::size_t rows = skip ? 2 : 1, bytes = (samples + 7) / 8;
  m.right.assign(runs * rows * bytes, 0);
  for (std::size_t run = 0; run < runs; ++run) {
    for (std::size_t k : {5U, 7U}) {
      const std::size_t row = static_cast<std::size_t>(m.right_row[k]);
      for (std::int64_t i = 0; row != 0 && i < m.correct[run * combinations + k]; ++i) {
        const std::size_t s = (static_cast<std::size_t>(i) * 3 + k) % samples;
        m.right[(run * rows + row - 1) * bytes + s / 8] |= static_cast<std::uint8_t>(1U << s % 8);
      }
    }
  }
}

ModelResults model(const ExperimentResults& experiment, const std::string& name, bool skip) {
  ModelResults m;
  m.name = name;
  m.text = {{"topology", skip ? "with-skip.topology" : "in-a-row.topology"},
            {"training", skip ? "failout" : "standard"},
            {"optimiser", "adam"},
            {"class_weights", "none"},
            {"normalise", "standard"}};
  m.integers = {{"epochs", 5}, {"batch_size", 64}, {"seed", 1}, {"parameters", 75}};
  m.numbers = {{"learning_rate", 0.001}};
  m.failout_rates = skip ? std::vector<double>{0.1, 0.2, 0.3} : std::vector<double>(nodes, 0.0);
  m.topology_text = skip ? with_skip : in_a_row;
  m.flow = flow_of(skip);
  m.confusion.assign(runs * combinations * classes * classes, 0);
  m.correct.assign(runs * combinations, 0);
  for (std::int64_t run = 0; run < runs; ++run) {
    for (std::int64_t k = 0; k < combinations; ++k) {
      if (m.flow[static_cast<std::size_t>(k)] == 0) continue;
      for (std::int64_t row = 0; row < classes; ++row) {
        const std::int64_t count = experiment.test_class_counts[static_cast<std::size_t>(row)];
        const std::int64_t right = (run + k + row) % (count + 1);
        const auto at = static_cast<std::size_t>(((run * combinations + k) * classes + row) * classes);
        m.confusion[at + static_cast<std::size_t>(row)] = right;
        m.confusion[at + static_cast<std::size_t>((row + 1) % classes)] = count - right;
        m.correct[static_cast<std::size_t>(run * combinations + k)] += right;
      }
    }
  }
  fill_sample_hits(m, skip);
  m.validation_accuracy = {0.9, 0.95};
  m.train_seconds = {1.5, 1.25};
  m.sweep_seconds = {0.5, 0.25};
  m.best_epoch = {3, 5};
  m.done = {1, 1};
  recompute(experiment, m);
  return m;
}

/// Macro precision (or recall) by the definition, a class at a time.
double measure(const ExperimentResults& e, const ModelResults& m, std::size_t run, std::size_t k,
               bool precision) {
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (m.flow[k] == 0) {
      sum += precision ? static_cast<double>(e.test_class_counts[c]) / samples : e.guess_probabilities[c];
      continue;
    }
    const std::int64_t* table = m.confusion.data() + (run * combinations + k) * classes * classes;
    const std::int64_t predicted = table[c] + table[classes + c] + table[2 * classes + c];
    const std::int64_t of = precision ? predicted : e.test_class_counts[c];
    if (of > 0) sum += static_cast<double>(table[c * classes + c]) / static_cast<double>(of);
  }
  return sum / classes;
}

}  // namespace

void recompute(const ExperimentResults& e, ModelResults& m) {
  m.accuracy.clear();
  m.average_accuracy.clear();
  m.average_precision.clear();
  m.average_recall.clear();
  for (std::size_t i = 0; i < m.correct.size(); ++i) {
    const bool flows = m.flow[i % combinations] != 0;
    m.accuracy.push_back(flows ? static_cast<double>(m.correct[i]) / samples : e.guess_accuracy);
  }
  for (const auto& [setting, r] : e.reliability) {
    for (std::size_t run = 0; run < runs; ++run) {
      double accuracy = 0, precision = 0, recall = 0;
      for (std::size_t k = 0; k < combinations; ++k) {
        double p = 1;  // Equation 2
        for (std::size_t i = 0; i < nodes; ++i) p *= (k >> i & 1) != 0 ? r[i] : 1 - r[i];
        accuracy += p * m.accuracy[run * combinations + k];
        precision += p * measure(e, m, run, k, true);
        recall += p * measure(e, m, run, k, false);
      }
      m.average_accuracy[setting].push_back(accuracy);
      m.average_precision[setting].push_back(precision);
      m.average_recall[setting].push_back(recall);
    }
  }
}

Results sample_results() {
  Results results;
  const std::string config = "[campaign]\nruns = 2\n";
  results.text = {{"software_version", "0.1.0"},       {"git_sha", "unknown"},
                  {"created", "2024-01-01T00:00:00Z"}, {"finished", "2024-01-01T00:01:00Z"},
                  {"command_line", "deepfog run"},     {"config_text", config},
                  {"config_sha256", sha256(config)},   {"hosts", "n1,n2"},
                  {"mpi_library", "Open MPI"},         {"torch_version", "1.13.1"},
                  {"blas_library", "libopenblas"},     {"status", "complete"}};
  results.integers = {{"ranks", 2}, {"threads_per_rank", 1}};
  results.valid = true;
  SessionResults session;
  session.text = {{"began", "2026-01-02T03:04:05Z"},
                  {"ended", ""},
                  {"command_line", "deepfog run"},
                  {"hosts", "n1,n2"},
                  {"job", "slurm 4711"},
                  {"nodes", "n[1-2]"},
                  {"modules", ""},
                  {"share", "1 of 2"}};
  session.integers = {{"ranks", 2}, {"threads_per_rank", 1}, {"cores", 8}};
  session.environment = "OMP_NUM_THREADS=1\nSLURM_JWT=(masked)\n";
  results.sessions = {session, session};
  results.sessions[1].environment.clear();
  ExperimentResults e;
  e.name = "sample";
  e.dataset = "sample";
  e.data_origin = "synthetic";
  e.data_sha256 = sha256("samples");
  e.split = "official";
  e.guess = "class_frequency";
  e.classes = classes;
  e.train_samples = 80;
  e.validation_samples = 10;
  e.test_samples = samples;
  e.runs = runs;
  e.test_class_counts = {5, 3, 2};
  e.test_labels = {0, 1, 2, 0, 1, 0, 2, 0, 1, 0};
  e.guess_probabilities = {0.5, 0.25, 0.25};
  e.guess_accuracy = (0.5 * 5 + 0.25 * 3 + 0.25 * 2) / samples;
  e.nodes = {"c", "b", "a"};
  e.reliability = {{"no_failure", {1, 1, 1}}, {"normal", {0.99, 0.98, 0.96}}, {"hazardous", {0.9, 0.7, 0.6}}};
  e.models.push_back(model(e, "vanilla", false));
  e.models.push_back(model(e, "deepfogguard", true));
  results.experiments.push_back(e);
  return results;
}

}  // namespace deepfog::test
