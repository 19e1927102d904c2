#include <algorithm>
#include <iostream>
#include <optional>

#include "analysis/query.hpp"
#include "cli/analysis_confidence.hpp"
#include "cli/analysis_tables.hpp"
#include "cli/options.hpp"
#include "core/spelling.hpp"
#include "core/statistics.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

using Texts = std::vector<std::string>;

po::options_description describe_options() {
  auto* texts = po::value<Texts>()->composing()->multitoken();
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("file", po::value<std::string>(), "results file (also without --file)");
  add("experiment", po::value<Texts>()->composing(), "only these experiments");
  add("model", po::value<Texts>()->composing(), "only these models");
  add("setting", po::value<Texts>()->composing(), "only these reliability settings of the file");
  add("reliability", po::value<std::string>(),
      "a setting of one's own instead: \"f1:.9 f2:1000h/8h *:.99\" (MTTF/MTTR; * stands for all others)");
  add("group", texts,
      "nodes that fail together on top: \"rack1 f1,f2:.99\", the chance that the rack is up; repeatable");
  add("against", po::value<std::string>(),
      "a model of the same experiment: the others' paired difference from it, and whether it is noise");
  add("at-least", po::value<double>(),
      "accuracy in % that is good enough, for its probability (default: 5 points below no failure)");
  add("tail", po::value<double>()->default_value(5), "the worst so many %: quantile and mean");
  return options;
}

Texts texts_of(const po::variables_map& values, const char* option) {
  return values.count(option) == 0 ? Texts() : values[option].as<Texts>();
}

/// Whether `name` was asked for; removes it from `missing`.
bool wanted(const Texts& asked, const std::string& name, Texts& missing) {
  missing.erase(std::remove(missing.begin(), missing.end(), name), missing.end());
  return asked.empty() || std::find(asked.begin(), asked.end(), name) != asked.end();
}

void refuse_missing(const std::string& option, const Texts& missing, const Texts& there) {
  if (missing.empty()) return;
  const std::string nearest = nearest_name(missing.front(), there);
  throw UserError("--" + option + " " + missing.front(), "not in the file",
                  nearest.empty() ? listing(there) : "did you mean " + nearest + "?");
}

using Job = ModelInQuestion;

class Analysis {
 public:
  explicit Analysis(const po::variables_map& values)
      : values_(values),
        experiments_(texts_of(values, "experiment")),
        models_(texts_of(values, "model")),
        settings_(texts_of(values, "setting")) {
    if (values.count("against") != 0) against_ = {values["against"].as<std::string>()};
    tail_ = values["tail"].as<double>() / 100;
    if (!(tail_ > 0 && tail_ <= 0.5))
      throw UserError("--tail", "not a share of the worst", "more than 0, at most 50 (%)");
    if (values.count("at-least") != 0) threshold_ = values["at-least"].as<double>() / 100;
    if (values.count("at-least") != 0 && !(threshold_ >= 0 && threshold_ <= 1))
      throw UserError("--at-least", "not an accuracy", "0 to 100 (%)");
    if (values.count("reliability") != 0 && !settings_.empty())
      throw UserError("--reliability", "with --setting", "one of the two");
  }

  void of(const Results& results) {
    Texts experiments, models, settings, there, no_experiment = experiments_, no_model = models_,
                                                no_setting = settings_, no_other = against_;
    std::vector<std::vector<Job>> all;
    for (const ExperimentResults& experiment : results.experiments) {
      experiments.push_back(experiment.name);
      if (!wanted(experiments_, experiment.name, no_experiment)) continue;
      for (const auto& [setting, survival] : experiment.reliability) {
        settings.push_back(setting);
        wanted(settings_, setting, no_setting);
      }
      std::vector<Job> jobs;
      for (const ModelResults& model : experiment.models) {
        models.push_back(model.name);
        if (!against_.empty()) wanted(against_, model.name, no_other);
        if (wanted(models_, model.name, no_model)) jobs.push_back({&experiment, &model});
      }
      all.push_back(std::move(jobs));
    }
    refuse_missing("experiment", no_experiment, experiments);
    refuse_missing("model", no_model, models);
    refuse_missing("setting", no_setting, settings);
    refuse_missing("against", no_other, models);
    for (std::vector<Job>& jobs : all) say_all(jobs);
  }

 private:
  std::vector<Query> questions(const ExperimentResults& experiment, double whole) const {
    Query base;
    base.threshold = threshold_ < 0 ? std::max(0.0, whole - 0.05) : threshold_;
    base.tail = tail_;
    for (const std::string& text : texts_of(values_, "group"))
      base.groups.push_back(parse_failure_group(text, experiment.nodes, "--group"));
    std::vector<Query> questions;
    if (values_.count("reliability") != 0) {
      base.setting = "given";
      base.reliability =
          parse_reliability(values_["reliability"].as<std::string>(), experiment.nodes, "--reliability");
      return {base};
    }
    for (const auto& [setting, survival] : experiment.reliability) {
      if (!settings_.empty() && std::find(settings_.begin(), settings_.end(), setting) == settings_.end())
        continue;
      base.setting = setting;
      base.reliability = survival;
      questions.push_back(base);
    }
    return questions;
  }

  /// Prints the models of one experiment.
  void say_all(std::vector<Job>& jobs) const {
    for (Job& job : jobs) job.table = state_table(*job.experiment, *job.model);
    std::optional<Job> other;
    if (!against_.empty() && !jobs.empty()) {
      for (const ModelResults& model : jobs.front().experiment->models) {
        if (model.name == against_.front())
          other = Job{jobs.front().experiment, &model, state_table(*jobs.front().experiment, model)};
      }
    }
    if (jobs.empty()) return;
    const std::vector<Query> all = questions(*jobs.front().experiment, 1);
    const std::vector<std::vector<Confidence>> sure = certainties_of(jobs, other ? &*other : nullptr, all);
    for (std::size_t job = 0; job < jobs.size(); ++job) say(jobs[job], sure[job]);
  }

  void say(const Job& job, const std::vector<Confidence>& sure) const {
    const ExperimentResults& experiment = *job.experiment;
    const ModelResults& model = *job.model;
    const std::string label = "experiment=" + experiment.name + " model=" + model.name;
    if (job.table.runs.empty()) {
      std::cout << label << ": no run is finished\n\n";
      return;
    }
    double whole = 0;
    for (const auto& run : job.table.runs) whole += run.back() / static_cast<double>(job.table.runs.size());
    const std::vector<Query> all = questions(experiment, whole);
    for (std::size_t q = 0; q < all.size(); ++q) {
      const Query& query = all[q];
      const Summary summary = summarise(job.table, query);
      std::string heading = experiment.name + ", " + model.name + ", " + query.setting + ": " +
                            std::to_string(summary.runs) + (summary.runs == 1 ? " run, " : " runs, ") +
                            std::to_string(experiment.nodes.size()) +
                            " nodes can fail; in %, importance in points" +
                            (summary.runs == 1 ? "" : ", mean ± 95 % interval over the runs") +
                            (experiment.data_origin == "real" ? "" : "; SYNTHETIC data");
      std::cout << analysis_tables(heading, experiment.nodes, query, summary, sure[q])
                << difference_text(label, against_.empty() ? "" : against_.front(), query.setting, sure[q])
                << analysis_lines(label + " setting=" + query.setting, experiment.nodes, query, summary,
                                  sure[q])
                << "\n";
    }
  }

  const po::variables_map& values_;
  Texts experiments_, models_, settings_, against_;  ///< against_: empty or one name
  double tail_ = 0.05, threshold_ = -1;
};

}  // namespace

ExitCode analyze_verb(const Invocation& invocation) {
  const auto values = parse_options(
      invocation, describe_options(), "file",
      "usage: deepfog analyze FILE [options]\n\n"
      "Answers from a results file, without another inference: accuracy under any reliability setting, "
      "groups of nodes\n"
      "that fail together, the worst cases, what stops all information, which node is worth hardening; "
      "and how sure\n"
      "that is: the noise of training (runs) and of testing (samples) told apart.\n",
      "  deepfog analyze results/quickstart.h5 --experiment health --setting poor --against vanilla\n"
      "  deepfog analyze results/quickstart.h5 --experiment health --reliability \"f1:2000h/8h f2:.95 "
      "e1:.9\" --group "
      "\"rack f1,f2:.99\"\n");
  if (!values) return ExitCode::good;
  if (values->count("file") == 0) throw UserError("deepfog analyze", "no file given", "deepfog analyze FILE");
  const Results results = read_results((*values)["file"].as<std::string>());
  if (results.experiments.empty())
    throw UserError((*values)["file"].as<std::string>(), "holds no experiment",
                    "a file of deepfog run or partition");
  Analysis(*values).of(results);
  return ExitCode::good;
}

}  // namespace deepfog
