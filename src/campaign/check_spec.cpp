#include <algorithm>
#include <set>

#include "campaign/borrowed_weights.hpp"
#include "campaign/resume.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "evaluation/sweep.hpp"

namespace deepfog {
namespace {

void check_name(const std::string& kind, const std::string& name, std::set<std::string>& taken) {
  const bool good =
      !name.empty() && name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (!good) throw UserError("config", "the " + kind + " name '" + name + "'", "not empty, without /");
  if (!taken.insert(name).second)
    throw UserError("config", "two " + kind + "s are named " + name, "unique names");
}

void check_settings(const ExperimentSpec& experiment, std::size_t n) {
  std::set<std::string> taken;
  for (const auto& [setting, survival] : experiment.reliability) {
    check_name("reliability setting", setting, taken);
    if (survival.size() != n) {
      throw UserError("experiment " + experiment.name,
                      "setting " + setting + " has " + std::to_string(survival.size()) + " probabilities",
                      std::to_string(n) + ", one for each node that can fail");
    }
  }
}

/// What a network of more than dense layers and sums asks for.
void check_blocks(const CampaignSpec& spec, const ModelSpec& model) {
  if (spec.engine != "reference") check_sweep_memory(model.topology, spec.memory_bytes);
  if (spec.trainer == "fused") {
    throw UserError(model.topology_path, "trainer = fused knows dense layers and sums only",
                    "trainer = libtorch");
  }
  if (model.training.batch_size < 2 || model.training.max_train_samples == 1) {
    throw UserError("model " + model.name, "batches of one sample, of which batch norm takes no variance",
                    "batch_size and max_train_samples of 2 or more");
  }
  const bool summaries =
      model.topology.heads().size() > std::max<std::size_t>(1, model.topology.exits().size());
  if (summaries && model.training.normalise != "none") {
    throw UserError(model.topology_path,
                    "normalise = " + model.training.normalise + " hides which views are missing, all zeros",
                    "normalise = none for a topology with class summaries");
  }
}

void check_experiment(const CampaignSpec& spec, const ExperimentSpec& experiment) {
  if (experiment.models.empty()) throw UserError("experiment " + experiment.name, "has no models");
  const std::vector<std::string>& nodes = experiment.models.front().topology.failing_names();
  std::set<std::string> taken;
  for (const ModelSpec& model : experiment.models) {
    check_name("model", model.name, taken);
    if (model.topology.failing_names() != nodes) {
      throw UserError(model.topology_path, "failing nodes " + listing(model.topology.failing_names()),
                      "those of the experiment's first model: " + listing(nodes));
    }
    if (spec.engine == "reference" && model.topology.failing() > spec.table_nodes) {
      throw UserError(model.topology_path,
                      std::to_string(model.topology.failing()) +
                          " nodes can fail, engine = reference lists " + "all combinations",
                      "at most " + std::to_string(spec.table_nodes) + " nodes, or engine = diagram");
    }
    if (!model.topology.is_dense()) check_blocks(spec, model);
    check_weights_of(experiment, model, "model " + model.name);
    const std::size_t rates = model.training.failout_rates.size();
    if (rates != 0 && rates != nodes.size()) {
      throw UserError("model " + model.name, std::to_string(rates) + " failout rates",
                      std::to_string(nodes.size()));
    }
  }
  check_settings(experiment, nodes.size());
}

}  // namespace

void check_spec(const CampaignSpec& spec) {
  if (spec.output.empty()) throw UserError("config", "no output file");
  if (spec.config_text.empty()) throw UserError("config", "no text");
  if (spec.experiments.empty()) throw UserError("config", "no experiments");
  if (spec.runs < 1) throw UserError("config", "runs = " + std::to_string(spec.runs), "at least 1");
  if (spec.threads_per_rank < 1) {
    throw UserError("config", "threads = " + std::to_string(spec.threads_per_rank), "at least 1");
  }
  if (spec.sweep_block < 64) {
    throw UserError("config", "sweep_block = " + std::to_string(spec.sweep_block), "at least 64");
  }
  if (spec.trainer != "libtorch" && spec.trainer != "fused") {
    throw UserError("config", "trainer = " + spec.trainer, "libtorch, fused");
  }
  if (spec.engine != "diagram" && spec.engine != "reference") {
    throw UserError("config", "engine = " + spec.engine, "diagram, reference");
  }
  std::set<std::string> taken;
  for (const ExperimentSpec& experiment : spec.experiments) {
    check_name("experiment", experiment.name, taken);
    check_experiment(spec, experiment);
  }
}

}  // namespace deepfog
