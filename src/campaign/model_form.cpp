#include "campaign/model_form.hpp"

#include <map>
#include <optional>
#include <string>

#include "core/error.hpp"

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

ModelForm form_of(const CampaignSpec& spec, const ModelSpec& model) {
  ModelForm result;
  const bool listed = model.topology.failing() <= spec.table_nodes;
  if (!model.topology.is_dense()) return result;  // has classes of its own (sweep_stages)
  try {
    DiagramLimits limits;
    if (!listed) limits.classes = spec.class_limit;
    result.diagram = std::make_shared<const Diagram>(model.topology, limits);
    result.form = listed ? TableForm::combinations : TableForm::classes;
  } catch (const DiagramTooLarge& error) {
    if (listed) return result;
    if (spec.beyond.policy == "refuse") {
      throw UserError(model.topology_path, error.what(),
                      "beyond = bounds or sampling, or a larger class_limit");
    }
    result.form = TableForm::bounds;
  }
  return result;
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
