#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/codec.hpp"

namespace deepfog {

/// LibTorch's optimiser of that name. Throws UserError for an unknown one.
/// @param name      adam | adagrad | rmsprop | sgd (momentum 0.9)
/// @param nesterov  of sgd
std::unique_ptr<torch::optim::Optimizer> make_optimiser(const std::string& name, double learning_rate,
                                                        double weight_decay, bool nesterov,
                                                        const std::vector<torch::Tensor>& parameters);

/// What an optimiser of make_optimiser() remembers of each parameter. Written out here because LibTorch's own
/// archives are pickles.
void put_optimiser(Encoder& encoder, torch::optim::Optimizer& optimiser);
/// Into one of the same kind over parameters of the same shapes. Throws Failure when they do not fit.
void get_optimiser(Decoder& decoder, torch::optim::Optimizer& optimiser);

/// Floats of a tensor on any device; an undefined one has none.
void put_tensor(Encoder& encoder, const torch::Tensor& tensor);
/// Back into the shape and to the device of `like`. Throws Failure when the number of values differs.
torch::Tensor get_tensor(Decoder& decoder, const torch::Tensor& like);

}  // namespace deepfog
