#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "campaign/spec.hpp"
#include "resilience/diagram.hpp"

namespace deepfog {

/// How the counts of a model are kept: one a combination, one a class of the failure diagram's last stage
/// where 2^n is too long a list, or none at all, only bounds of the averages, where the diagram is too large
/// as well.
enum class TableForm { combinations, classes, bounds };
const char* name_of(TableForm form);

/// What a model's topology and the campaign's limits make of it; the same on every rank.
struct ModelForm {
  TableForm form = TableForm::combinations;
  std::shared_ptr<const Diagram> diagram;  ///< none beyond it, nor where only a table of combinations fits
  std::shared_ptr<const std::vector<std::int32_t>> outcome_rows;  ///< of a table of combinations
  std::int64_t outcomes = 0;  ///< that failures can tell apart; 0: of a table of bounds, or too many
};

/// Throws UserError where the diagram passes the limits and `beyond = refuse`.
ModelForm form_of(const CampaignSpec& spec, const ModelSpec& model);

/// Bytes of the bits that say what every test sample got under every outcome, of all runs.
double sample_hits_bytes(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples);

/// Whether a campaign keeps them; the same on every rank.
bool keeps_sample_hits(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples);

/// Why they are left out where the campaign keeps those of other models; else empty.
std::string sample_hits_left_out(const CampaignSpec& spec, const ModelForm& form, std::int64_t test_samples);

/// [experiment][model]; equal topologies shard their diagram.
using ModelForms = std::vector<std::vector<ModelForm>>;
ModelForms forms_of(const CampaignSpec& spec);

}  // namespace deepfog
