#include "campaign/model_form.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "resilience/outcomes.hpp"
#include "resilience/sample_hits.hpp"

namespace deepfog {

const char* name_of(TableForm form) {
  switch (form) {
    case TableForm::classes:
      return "classes";
    case TableForm::bounds:
      return "bounds";
    default:
      return "combinations";
  }
}

namespace {

/// The outcomes of a table whose form is known. A diagram past its limits has too many to keep a row of each.
void count_outcomes(const ModelSpec& model, ModelForm& form) {
  if (form.form == TableForm::bounds) return;
  if (form.form == TableForm::classes) {
    form.outcomes = form.diagram->last_classes();
    return;
  }
  try {
    const bool exits = model.topology.has_exits();
    auto rows = form.diagram && !exits ? form.diagram->class_of_combination() : outcome_rows(model.topology);
    form.outcomes = outcome_count(rows);
    form.outcome_rows = std::make_shared<const std::vector<std::int32_t>>(std::move(rows));
  } catch (const DiagramTooLarge&) {
  }
}

ModelForm table_of(const CampaignSpec& spec, const ModelSpec& model) {
  ModelForm result;
  const bool listed = model.topology.failing() <= spec.table_nodes;
  try {
    DiagramLimits limits;
    if (!listed) limits.classes = spec.class_limit;
    result.diagram = std::make_shared<const Diagram>(model.topology, limits);
    result.form = listed ? TableForm::combinations : TableForm::classes;
  } catch (const DiagramTooLarge& error) {
    if (listed) return result;
    if (spec.large_diagram.policy == "refuse") {
      throw UserError(model.topology_path, error.what(),
                      "beyond = bounds or sampling, or a larger class_limit");
    }
    result.form = TableForm::bounds;
  }
  return result;
}

std::string mebibytes(double bytes) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.1f MiB", bytes / (1 << 20));
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace

ModelForm form_of(const CampaignSpec& spec, const ModelSpec& model) {
  ModelForm form = table_of(spec, model);
  count_outcomes(model, form);
  return form;
}

double sample_hits_bytes(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples) {
  return static_cast<double>(spec.runs) * static_cast<double>(form.outcomes) *
         static_cast<double>(SampleHits::stride_for(test_samples));
}

bool keeps_sample_hits(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples) {
  const double bytes = sample_hits_bytes(spec, form, test_samples);
  return bytes > 0 && bytes <= static_cast<double>(spec.per_sample_mib) * (1 << 20);
}

std::string sample_hits_left_out(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples) {
  if (spec.per_sample_mib == 0 || form.form == TableForm::bounds ||
      keeps_sample_hits(spec, form, test_samples))
    return "";
  return (form.outcomes == 0 ? "too many outcomes"
                             : mebibytes(sample_hits_bytes(spec, form, test_samples)) + " of bits") +
         ", per_sample_mib = " + std::to_string(spec.per_sample_mib);
}

ModelForms forms_of(const CampaignSpec& spec) {
  ModelForms forms;
  std::map<std::string, ModelForm> known;
  for (const ExperimentSpec& experiment : spec.experiments) {
    forms.emplace_back();
    for (const ModelSpec& model : experiment.models) {
      const auto [entry, unknown] = known.try_emplace(model.topology.text());
      if (unknown) entry->second = form_of(spec, model);
      forms.back().push_back(entry->second);
    }
  }
  return forms;
}

}  // namespace deepfog
