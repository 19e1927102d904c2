#include "training/optimiser.hpp"

#include <type_traits>

#include "core/error.hpp"

namespace deepfog {
namespace {

namespace optim = torch::optim;

/// LibTorch 1 identifies the state of a parameter by a string, LibTorch 2 by a pointer.
template <class Key>
Key key_of(const torch::Tensor& parameter) {
  if constexpr (std::is_same_v<Key, std::string>) {
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

/// Calls visit() with the optimiser's state of one parameter. If there is none, creates it if `make` is set,
/// otherwise returns false.
template <class State, class Visit>
bool visit_state(optim::Optimizer& optimiser, const torch::Tensor& parameter, bool make, const Visit& visit) {
  using Key = typename std::decay_t<decltype(optimiser.state())>::key_type;
  auto& state = optimiser.state()[key_of<Key>(parameter)];
  if (state == nullptr) {
    if (!make) {
      optimiser.state().erase(key_of<Key>(parameter));
      return false;
    }
    state = std::make_unique<State>();
  }
  visit(static_cast<State&>(*state));
  return true;
}

/// One visitor for all four kinds: it gets access to the step count and the tensors of a parameter's state.
template <class Visit>
bool visit_any(optim::Optimizer& optimiser, const torch::Tensor& parameter, bool make, const Visit& visit) {
  if (dynamic_cast<optim::Adam*>(&optimiser) != nullptr)
    return visit_state<optim::AdamParamState>(optimiser, parameter, make, [&](optim::AdamParamState& s) {
      visit([&] { return s.step(); }, [&](std::int64_t n) { s.step(n); }, {&s.exp_avg(), &s.exp_avg_sq()});
    });
  if (dynamic_cast<optim::Adagrad*>(&optimiser) != nullptr)
    return visit_state<optim::AdagradParamState>(
        optimiser, parameter, make, [&](optim::AdagradParamState& s) {
          visit([&] { return s.step(); }, [&](std::int64_t n) { s.step(n); }, {&s.sum()});
        });
  if (dynamic_cast<optim::RMSprop*>(&optimiser) != nullptr)
    return visit_state<optim::RMSpropParamState>(
        optimiser, parameter, make, [&](optim::RMSpropParamState& s) {
          visit([&] { return s.step(); }, [&](std::int64_t n) { s.step(n); }, {&s.square_avg()});
        });
  return visit_state<optim::SGDParamState>(optimiser, parameter, make, [&](optim::SGDParamState& s) {
    visit([] { return std::int64_t{0}; }, [](std::int64_t) {}, {&s.momentum_buffer()});
  });
}

using Tensors = std::initializer_list<torch::Tensor*>;

}  // namespace

std::unique_ptr<optim::Optimizer> make_optimiser(const std::string& name, double learning_rate,
                                                 double weight_decay, bool nesterov,
                                                 const std::vector<torch::Tensor>& parameters) {
  if (name == "adam")
    return std::make_unique<optim::Adam>(parameters,
                                         optim::AdamOptions(learning_rate).weight_decay(weight_decay));
  if (name == "adagrad")
    return std::make_unique<optim::Adagrad>(parameters,
                                            optim::AdagradOptions(learning_rate).weight_decay(weight_decay));
  if (name == "rmsprop")
    return std::make_unique<optim::RMSprop>(parameters,
                                            optim::RMSpropOptions(learning_rate).weight_decay(weight_decay));
  if (name == "sgd")
    return std::make_unique<optim::SGD>(
        parameters,
        optim::SGDOptions(learning_rate).momentum(0.9).nesterov(nesterov).weight_decay(weight_decay));
  throw UserError("optimiser", "unknown '" + name + "'", "adam, adagrad, rmsprop, sgd");
}

void put_optimiser(Encoder& encoder, optim::Optimizer& optimiser) {
  for (const torch::Tensor& parameter : optimiser.param_groups().at(0).params()) {
    const bool known =
        visit_any(optimiser, parameter, false, [&](const auto& steps, const auto&, const Tensors& tensors) {
          encoder.put(std::uint8_t{1});
          encoder.put(steps());
          for (const torch::Tensor* tensor : tensors) put_tensor(encoder, *tensor);
        });
    if (!known) encoder.put(std::uint8_t{0});
  }
}

void get_optimiser(Decoder& decoder, optim::Optimizer& optimiser) {
  for (const torch::Tensor& parameter : optimiser.param_groups().at(0).params()) {
    if (decoder.get<std::uint8_t>() == 0) continue;
    visit_any(optimiser, parameter, true, [&](const auto&, const auto& set_steps, const Tensors& tensors) {
      set_steps(decoder.get<std::int64_t>());
      for (torch::Tensor* tensor : tensors) *tensor = get_tensor(decoder, parameter);
    });
  }
}

void put_tensor(Encoder& encoder, const torch::Tensor& tensor) {
  if (!tensor.defined()) return encoder.put_list(std::vector<float>{});
  const torch::Tensor here = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  encoder.put_list(std::vector<float>(here.data_ptr<float>(), here.data_ptr<float>() + here.numel()));
}

torch::Tensor get_tensor(Decoder& decoder, const torch::Tensor& like) {
  const std::vector<float> values = decoder.get_list<float>();
  if (values.empty()) return {};
  if (static_cast<std::int64_t>(values.size()) != like.numel())
    decoder.refuse("a tensor of another size than the network's");
  return torch::tensor(values).view(like.sizes()).to(like.device());
}

}  // namespace deepfog
