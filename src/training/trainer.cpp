#include "training/trainer.hpp"

#include <torch/torch.h>

#include <cmath>
#include <memory>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "core/seed.hpp"
#include "models/network.hpp"
#include "training/rules.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kValidationBlock = 4096;

torch::Tensor values_of(const SampleSet& set) {
  return torch::from_blob(const_cast<float*>(set.values.data()), {set.size(), set.features}, torch::kFloat32);
}

torch::Tensor labels_of(const SampleSet& set) {
  return torch::from_blob(const_cast<std::int64_t*>(set.labels.data()), {set.size()}, torch::kInt64);
}

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const TrainingSpec& spec,
                                                        std::vector<torch::Tensor> parameters) {
  namespace optim = torch::optim;
  const double rate = spec.learning_rate, decay = spec.weight_decay;
  if (spec.optimiser == "adam") {
    return std::make_unique<optim::Adam>(parameters, optim::AdamOptions(rate).weight_decay(decay));
  }
  if (spec.optimiser == "adagrad") {
    return std::make_unique<optim::Adagrad>(parameters, optim::AdagradOptions(rate).weight_decay(decay));
  }
  if (spec.optimiser == "rmsprop") {
    return std::make_unique<optim::RMSprop>(parameters, optim::RMSpropOptions(rate).weight_decay(decay));
  }
  if (spec.optimiser == "sgd") {
    return std::make_unique<optim::SGD>(parameters,
                                        optim::SGDOptions(rate).momentum(0.9).weight_decay(decay));
  }
  throw UserError("optimiser", "unknown '" + spec.optimiser + "'", "adam, adagrad, rmsprop, sgd");
}

/// Undefined: all classes weigh 1.
torch::Tensor class_weight_tensor(const Dataset& dataset, const std::string& how) {
  const std::vector<float> weights = class_weights(dataset, how);
  return weights.empty() ? torch::Tensor() : torch::tensor(weights);
}

double accuracy(Network& network, const torch::Tensor& values, const torch::Tensor& labels) {
  torch::NoGradGuard no_grad;
  const Combination everybody = all_alive(network->topology().failing());
  std::int64_t correct = 0;
  for (std::int64_t begin = 0; begin < labels.size(0); begin += kValidationBlock) {
    const std::int64_t size = std::min(kValidationBlock, labels.size(0) - begin);
    const torch::Tensor scores = network->forward(values.narrow(0, begin, size), everybody);
    correct += scores.argmax(1).eq(labels.narrow(0, begin, size)).sum().item<std::int64_t>();
  }
  return labels.size(0) > 0 ? double(correct) / double(labels.size(0)) : 0.0;
}

class Trainer {
 public:
  Trainer(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec, std::uint64_t seed)
      : spec_(spec),
        n_(topology.failing()),
        network_(topology, match_sources(topology, dataset, topology.name())),
        values_(values_of(dataset.train)),
        labels_(labels_of(dataset.train)),
        loss_(torch::nn::CrossEntropyLossOptions().weight(class_weight_tensor(dataset, spec.class_weights))),
        shuffle_(derive_seed(seed, "", "", 0, "shuffle")),
        failures_(derive_seed(seed, "", "", 0, "failout")),
        subset_(training_subset(spec, labels_.size(0), seed)) {
    network_->initialise(derive_seed(seed, "", "", 0, "weights"));
    optimiser_ = make_optimiser(spec, network_->parameters());
  }

  /// One pass over the training samples; the mean loss of the batches that were not null.
  double epoch(TrainedModel& trained) {
    const auto size = static_cast<std::int64_t>(subset_.size());
    const std::vector<std::int64_t> order = shuffle_.permutation(size);
    torch::Tensor rows = torch::empty({size}, torch::kInt64);
    for (std::int64_t i = 0; i < size; ++i) rows.data_ptr<std::int64_t>()[i] = subset_[order[i]];
    double loss_sum = 0;
    std::int64_t batches = 0;
    for (std::int64_t begin = 0; begin < size; begin += spec_.batch_size) {
      const torch::Tensor batch = rows.narrow(0, begin, std::min(spec_.batch_size, size - begin));
      const double loss = step(batch);
      if (std::isnan(loss)) {
        ++trained.null_batches;
        continue;
      }
      loss_sum += loss;
      ++batches;
    }
    return batches > 0 ? loss_sum / double(batches) : 0.0;
  }

  Network& network() { return network_; }

 private:
  /// NaN: no information flows under the drawn combination, the batch is skipped.
  double step(const torch::Tensor& rows) {
    const Combination combination = draw_combination(spec_, n_, failures_);
    torch::Tensor scores = network_->forward(values_.index_select(0, rows), combination);
    if (!scores.defined()) return std::nan("");
    torch::Tensor loss = loss_(scores, labels_.index_select(0, rows));
    // Undefined rather than zero gradients: the parameters of failed nodes stay as they are.
    for (torch::Tensor parameter : network_->parameters()) parameter.mutable_grad() = torch::Tensor();
    loss.backward();
    optimiser_->step();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      throw Failure("training diverged: the loss is " + std::to_string(value) + "; lower learning_rate");
    }
    return value;
  }

  TrainingSpec spec_;
  int n_;
  Network network_;
  torch::Tensor values_, labels_;
  torch::nn::CrossEntropyLoss loss_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  RandomStream shuffle_, failures_;
  std::vector<std::int64_t> subset_;
};

}  // namespace

TrainedModel train(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                   std::uint64_t seed, const EpochCallback& after_epoch) {
  check_training(topology, dataset, spec);
  const Stopwatch watch;
  Trainer trainer(topology, dataset, spec, seed);
  const torch::Tensor values = values_of(dataset.validation), labels = labels_of(dataset.validation);
  TrainedModel trained;
  trained.validation_accuracy = -1;
  for (std::int64_t epoch = 1; epoch <= spec.epochs; ++epoch) {
    const double loss = trainer.epoch(trained);
    const double validation = accuracy(trainer.network(), values, labels);
    if (validation > trained.validation_accuracy) {
      trained.validation_accuracy = validation;
      trained.best_epoch = epoch;
      trained.weights = trainer.network()->weights();
    }
    if (after_epoch && !after_epoch(epoch, loss, validation)) throw Interrupted{};
  }
  trained.seconds = watch.seconds();
  return trained;
}

Normalisation normalise(Dataset& dataset, const std::string& how) {
  if (how == "none") return {};
  if (how != "standard") throw UserError("normalise", "unknown '" + how + "'", "none, standard");
  const torch::Tensor values = values_of(dataset.train).to(torch::kFloat64);
  const torch::Tensor centre = values.mean(0);
  torch::Tensor deviation = (values - centre).pow(2).mean(0).sqrt();
  deviation = torch::where(deviation > 0, deviation, torch::ones_like(deviation));
  const auto floats = [](const torch::Tensor& tensor) {
    const torch::Tensor single = tensor.to(torch::kFloat32).contiguous();
    return std::vector<float>(single.data_ptr<float>(), single.data_ptr<float>() + single.numel());
  };
  const Normalisation normalisation{floats(centre), floats(deviation)};
  for (SampleSet* set : {&dataset.train, &dataset.validation, &dataset.test}) normalisation.apply(*set);
  return normalisation;
}

}  // namespace deepfog
