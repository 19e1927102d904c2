#include "models/cnn.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

constexpr double kBatchNormMomentum = 0.1;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

bool counts_batches(const NamedTensor& tensor) {
  const std::string end = ".num_batches_tracked";
  return tensor.name.size() > end.size() &&
         tensor.name.compare(tensor.name.size() - end.size(), end.size(), end) == 0;
}

void fill_uniform(torch::Tensor tensor, double bound, RandomStream& stream) {
  float* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>((2.0 * stream.uniform() - 1.0) * bound);
  }
}

/// Whether the next step, apart from norms, is a rectifier.
bool rectified(const CnnPlan& plan, std::size_t step) {
  for (std::size_t s = step + 1; s < plan.steps.size(); ++s) {
    const StepKind kind = plan.steps[s].kind;
    if (kind != StepKind::batch_norm) return kind == StepKind::relu || kind == StepKind::gelu;
  }
  return false;
}

/// Applies an operation that works on the last dimension to the channels.
template <class Operation>
torch::Tensor over_channels(const torch::Tensor& x, const Operation& operation) {
  if (x.dim() == 2) return operation(x);
  return operation(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

}  // namespace

CnnImpl::CnnImpl(const CnnSpec& spec) : plan_(plan_cnn(spec)) {
  for (const Step& step : plan_.steps) {
    StepTensors own;
    for (const CnnTensor& tensor : tensors_of(step)) {
      const std::size_t dot = tensor.name.rfind('.');
      torch::nn::Module& module = module_at(tensor.name.substr(0, dot));
      const std::string key = tensor.name.substr(dot + 1);
      const torch::Tensor zeros = torch::zeros(tensor.shape);
      const bool learnt = key.rfind("running_", 0) != 0;
      own.tensors.push_back(learnt ? module.register_parameter(key, zeros)
                                   : module.register_buffer(key, zeros));
    }
    if (step.kind == StepKind::batch_norm) {
      own.batches =
          module_at(step.name).register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64));
    }
    tensors_.push_back(own);
  }
  seed_noise(0);
}

torch::nn::Module& CnnImpl::module_at(const std::string& path) {
  torch::nn::Module* module = this;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const auto children = module->named_children();
    if (const auto* child = children.find(name)) {
      module = child->get();
    } else {
      module = module->register_module(name, std::make_shared<torch::nn::Module>(name)).get();
    }
    begin = end + 1;
  }
  return *module;
}

void CnnImpl::initialise(std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  RandomStream stream(seed);
  for (std::size_t s = 0; s < tensors_.size(); ++s) {
    const Step& step = plan_.steps[s];
    auto& tensors = tensors_[s].tensors;
    for (torch::Tensor& tensor : tensors) tensor.zero_();
    if (step.kind == StepKind::convolution || step.kind == StepKind::linear) {
      const double fan_in = double(tensors[0].numel()) / double(tensors[0].size(0));
      fill_uniform(tensors[0], std::sqrt((rectified(plan_, s) ? 6.0 : 3.0) / fan_in), stream);
    } else if (!tensors.empty()) {
      tensors[0].fill_(step.initial);
    }
    if (step.kind == StepKind::batch_norm) tensors[3].fill_(1);  // running_var
    if (tensors_[s].batches.defined()) tensors_[s].batches.zero_();
  }
}

void CnnImpl::seed_noise(std::uint64_t seed) {
  noise_ = at::detail::createCPUGenerator(seed);
}

std::vector<std::uint8_t> CnnImpl::noise_state() const {
  const torch::Tensor state = noise_.get_state();
  return {state.data_ptr<std::uint8_t>(), state.data_ptr<std::uint8_t>() + state.numel()};
}

void CnnImpl::set_noise_state(const std::vector<std::uint8_t>& state) {
  if (state.size() != noise_state().size()) throw Failure("not the state of a random stream");
  noise_.set_state(torch::tensor(state, torch::kUInt8));
}

torch::Tensor CnnImpl::forward(const torch::Tensor& images) {
  // Channels last: LibTorch's poolings are many times faster than on planes, and its convolutions are as
  // fast.
  torch::Tensor x = images.contiguous(torch::MemoryFormat::ChannelsLast), kept;
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
    const Step& step = plan_.steps[s];
    if (step.kind == StepKind::keep) {
      kept = x;
    } else if (step.kind == StepKind::add) {
      if (is_training() && step.rate > 0) x = x * mask({x.size(0), 1, 1, 1}, step.rate);
      x = x + kept;
    } else {
      x = apply(s, x);
    }
  }
  return x;
}

torch::Tensor CnnImpl::apply(std::size_t index, const torch::Tensor& x) {
  const Step& step = plan_.steps[index];
  const std::vector<torch::Tensor>& own = tensors_[index].tensors;
  switch (step.kind) {
    case StepKind::convolution:
      return torch::conv2d(x, own[0], own[1], step.stride, step.padding, 1,
                           step.depthwise ? step.in.channels : 1);
    case StepKind::linear:
      if (x.dim() == 4) return torch::conv2d(x, own[0].unsqueeze(2).unsqueeze(3), own[1]);
      return torch::linear(x, own[0], own[1]);
    case StepKind::batch_norm:
      return normalise_batch(index, x);
    case StepKind::layer_norm:
      return over_channels(x, [&](const torch::Tensor& y) {
        return torch::layer_norm(y, {step.in.channels}, own[0], own[1], step.epsilon);
      });
    case StepKind::relu:
      return torch::relu(x);
    case StepKind::gelu:
      return over_channels(x, [](const torch::Tensor& y) { return torch::gelu(y); });
    case StepKind::max_pool:
      return torch::max_pool2d(x, step.kernel, step.stride);
    case StepKind::adaptive_average_pool:
      return torch::adaptive_avg_pool2d(x, {step.out.height, step.out.width});
    case StepKind::flatten:
      return x.flatten(1);
    case StepKind::dropout:
      return is_training() && step.rate > 0 ? x * mask(x.sizes().vec(), step.rate) : x;
    case StepKind::layer_scale:
      return x * own[0];
    default:
      throw Failure(plan_.spec.name + ": no such step");
  }
}

torch::Tensor CnnImpl::normalise_batch(std::size_t step, const torch::Tensor& x) {
  StepTensors& own = tensors_[step];
  if (is_training()) own.batches += 1;
  return torch::batch_norm(x, own.tensors[0], own.tensors[1], own.tensors[2], own.tensors[3], is_training(),
                           kBatchNormMomentum, plan_.steps[step].epsilon, false);
}

torch::Tensor CnnImpl::mask(std::vector<std::int64_t> shape, double rate) {
  return torch::empty(shape).bernoulli_(1 - rate, noise_).div_(1 - rate);
}

std::vector<torch::Tensor> CnnImpl::in_state_dict_order() const {
  std::map<std::string, torch::Tensor> by_name;
  for (const auto& item : named_parameters()) by_name[item.key()] = item.value();
  for (const auto& item : named_buffers()) by_name[item.key()] = item.value();
  std::vector<torch::Tensor> tensors;
  for (const CnnTensor& tensor : state_dict(plan_)) tensors.push_back(by_name.at(tensor.name));
  return tensors;
}

Weights CnnImpl::weights() const {
  Weights weights = shapes_of(plan_);
  const std::vector<torch::Tensor> tensors = in_state_dict_order();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const torch::Tensor tensor = tensors[i].detach().contiguous();
    const float* values = tensor.data_ptr<float>();
    weights[i].values.assign(values, values + tensor.numel());
  }
  return weights;
}

void CnnImpl::load(const Weights& weights, const std::string& where) {
  const std::vector<const NamedTensor*> sources = matched(shapes_of(plan_), weights, where);
  const std::vector<torch::Tensor> tensors = in_state_dict_order();
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].copy_(torch::from_blob(const_cast<float*>(sources[i]->values.data()), sources[i]->shape));
  }
}

Weights shapes_of(const CnnPlan& plan) {
  Weights weights;
  for (const CnnTensor& tensor : state_dict(plan)) {
    weights.push_back({plan.spec.name, tensor.name, tensor.shape, {}});
  }
  return weights;
}

std::vector<const NamedTensor*> matched(const Weights& expected, const Weights& given,
                                        const std::string& where) {
  Weights all = expected;  // including the counters of the batch norms for which one is given
  for (const NamedTensor& tensor : given) {
    if (!counts_batches(tensor)) continue;
    const std::string variance = tensor.name.substr(0, tensor.name.rfind('.')) + ".running_var";
    const auto before = std::find_if(
        all.begin(), all.end(), [&](const NamedTensor& candidate) { return candidate.name == variance; });
    if (before != all.end()) all.insert(before + 1, {before->node, tensor.name, tensor.shape, {}});
  }
  const std::vector<std::string> wrong = mismatches(all, given);
  if (!wrong.empty()) {
    const std::string network = expected.empty() ? "network" : expected.front().node;
    throw UserError(where, "weights do not fit " + network + ": " + joined(wrong));
  }
  std::vector<const NamedTensor*> sources;
  for (const NamedTensor& tensor : given) {
    if (!counts_batches(tensor)) sources.push_back(&tensor);
  }
  return sources;
}

}  // namespace deepfog
