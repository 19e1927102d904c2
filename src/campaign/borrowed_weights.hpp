#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/spec.hpp"

/// Models that are not trained but swept with the weights of another one of their experiment, run by run.
namespace deepfog {

/// Indices of the models with `weights_of` = `trained`, in the order of the experiment.
std::vector<std::int32_t> models_on_weights_of(const ExperimentSpec& experiment, const std::string& trained);

/// That model.weights_of, unless it is empty, names a trained model of the experiment whose weights the
/// model's topology takes: the same tensors in the same order. Throws UserError naming `where`.
void check_weights_of(const ExperimentSpec& experiment, const ModelSpec& model, const std::string& where);

/// The model that model.weights_of names. Throws UserError as check_weights_of().
const ModelSpec& owner_of_weights(const ExperimentSpec& experiment, const ModelSpec& model,
                                  const std::string& where);

}  // namespace deepfog
