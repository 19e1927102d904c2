#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "core/codec.hpp"

namespace deepfog {

/// Creates LibTorch's optimiser of that name. Throws UserError for an unknown name.
/// @param name      adam | adagrad | rmsprop | sgd (momentum 0.9)
/// @param nesterov  for sgd only
std::unique_ptr<torch::optim::Optimizer> make_optimiser(const std::string& name, double learning_rate,
                                                        double weight_decay, bool nesterov,
                                                        const std::vector<torch::Tensor>& parameters);

/// Encodes the state that an optimiser of make_optimiser() keeps for each parameter. Not done by LibTorch's
/// own archives because they are pickles.
void put_optimiser(Encoder& encoder, torch::optim::Optimizer& optimiser);
/// Restores the state of an optimiser of the same kind over parameters of the same shapes. Throws Failure if
/// they do not fit.
void get_optimiser(Decoder& decoder, torch::optim::Optimizer& optimiser);

/// Encodes the floats of a tensor on any device; an undefined tensor has none.
void put_tensor(Encoder& encoder, const torch::Tensor& tensor);
/// Decodes a tensor with the shape and device of `like`. Throws Failure if the number of values differs.
torch::Tensor get_tensor(Decoder& decoder, const torch::Tensor& like);

}  // namespace deepfog
