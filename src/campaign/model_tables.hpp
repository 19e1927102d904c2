#pragma once

#include <cstdint>

#include "campaign/model_form.hpp"
#include "campaign/run_store.hpp"
#include "campaign/spec.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// The tables of a model before its first run is done, with everything that made it as attributes.
/// @param test_samples  for the bits of the samples
ModelResults empty_tables(const CampaignSpec& spec, const ExperimentSpec& experiment, const ModelSpec& model,
                          const ModelForm& form, std::int64_t test_samples = 0);

/// Rows of a finished run: counts, accuracies, averages over failure combinations (Equation 3).
void fill_run(ModelResults& model, const ModelForm& form, const ExperimentResults& experiment,
              std::int64_t run, const RunRecord& record);

}  // namespace deepfog
