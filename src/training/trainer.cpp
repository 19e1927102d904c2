#include "training/trainer.hpp"

#include <torch/torch.h>

#include <cmath>
#include <memory>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "core/seed.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"
#include "training/diverged.hpp"
#include "training/exit_thresholds.hpp"
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
torch::Tensor class_weight_tensor(const Dataset& dataset, const std::string& how, torch::Device device) {
  const std::vector<float> weights = class_weights(dataset, how);
  return weights.empty() ? torch::Tensor() : torch::tensor(weights).to(device);
}

/// How a head takes part in training.
struct HeadLoss {
  double weight = 1;
  bool counts = true;      ///< for the validation accuracy: an exit, not a class summary
  torch::Tensor has_view;  ///< [training samples] of a class summary: not all that it sees is black
};

/// Vertices that a vertex is computed from, itself among them.
void find_before(const Topology& topology, int vertex, std::vector<bool>& found) {
  if (found[vertex]) return;
  found[vertex] = true;
  if (topology.is_source(vertex)) return;
  for (const int link : topology.stages()[topology.stage_of(vertex)].incoming)
    find_before(topology, topology.hyperconnections()[link].from, found);
}

/// A missing view, all zeros, is no sample for the class summary of the device that should have it.
std::vector<HeadLoss> head_losses(const Topology& topology, const std::vector<Columns>& columns,
                                  const torch::Tensor& values) {
  std::vector<HeadLoss> losses;
  for (const int stage : topology.heads()) {
    HeadLoss loss;
    const auto& exit = topology.stages()[stage].exit;
    if (exit) loss.weight = exit->loss_weight;
    if (exit && !exit->leaves) {
      loss.counts = false;
      std::vector<bool> sees(topology.vertices());
      find_before(topology, topology.vertex_of(stage), sees);
      loss.has_view = torch::zeros({values.size(0)}, values.options().dtype(torch::kBool));
      for (std::size_t s = 0; s < columns.size(); ++s) {
        if (!sees[s]) continue;
        const auto view = values.narrow(1, columns[s].begin, columns[s].end - columns[s].begin);
        loss.has_view = loss.has_view.logical_or(view.ne(0).any(1));
      }
    }
    losses.push_back(loss);
  }
  return losses;
}

/// Mean over what counts, each answering all samples; a dead one answers none.
double accuracy(Network& network, const std::vector<HeadLoss>& losses, const torch::Tensor& values,
                const torch::Tensor& labels, Combination combination) {
  torch::NoGradGuard no_grad;
  std::int64_t correct = 0, counting = 0;
  for (const HeadLoss& loss : losses) counting += loss.counts;
  for (std::int64_t begin = 0; begin < labels.size(0); begin += kValidationBlock) {
    const std::int64_t size = std::min(kValidationBlock, labels.size(0) - begin);
    const auto heads = network->heads(values.narrow(0, begin, size), combination, false);
    for (std::size_t h = 0; h < heads.size(); ++h) {
      if (!losses[h].counts || !heads[h].defined()) continue;
      correct += heads[h].argmax(1).eq(labels.narrow(0, begin, size)).sum().item<std::int64_t>();
    }
  }
  return labels.size(0) > 0 ? double(correct) / double(labels.size(0) * counting) : 0.0;
}

class Trainer {
 public:
  Trainer(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec, std::uint64_t seed,
          torch::Device device)
      : spec_(spec),
        device_(device),
        n_(topology.failing()),
        columns_(match_sources(topology, dataset, topology.name())),
        network_(topology, columns_),
        values_(values_of(dataset.train).to(device)),
        labels_(labels_of(dataset.train).to(device)),
        losses_(head_losses(topology, columns_, values_)),
        loss_(torch::nn::CrossEntropyLossOptions().weight(
            class_weight_tensor(dataset, spec.class_weights, device))),
        shuffle_(derive_seed(seed, "", "", 0, "shuffle")),
        failures_(derive_seed(seed, "", "", 0, "failout")),
        subset_(training_subset(spec, labels_.size(0), seed)) {
    network_->initialise(derive_seed(seed, "", "", 0, "weights"));
    network_->to(device);
    optimiser_ = make_optimiser(spec, network_->parameters());
  }

  /// One pass over the training samples; the mean loss of the batches that were not null.
  double epoch(TrainedModel& trained) {
    const auto size = static_cast<std::int64_t>(subset_.size());
    const std::vector<std::int64_t> order = shuffle_.permutation(size);
    torch::Tensor rows = torch::empty({size}, torch::kInt64);
    for (std::int64_t i = 0; i < size; ++i) rows.data_ptr<std::int64_t>()[i] = subset_[order[i]];
    rows = rows.to(device_);
    double loss_sum = 0;
    std::int64_t batches = 0;
    const bool dense = network_->topology().is_dense();
    for (std::int64_t begin = 0, end = 0; begin < size; begin = end) {
      end = std::min(size, begin + spec_.batch_size);
      if (!dense && size - end == 1) end = size;  // batch norm takes no mean of a single row
      const double loss = step(rows.narrow(0, begin, end - begin));
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

  double validate(const torch::Tensor& values, const torch::Tensor& labels) {
    return accuracy(network_, losses_, values, labels, all_alive(n_) & ~spec_.without);
  }

  /// At what it has learnt best.
  void find_thresholds(const torch::Tensor& values, const std::vector<std::int64_t>& labels,
                       TrainedModel& trained) {
    if (!network_->topology().has_exits()) return;
    network_->load(trained.weights, network_->topology().name());
    const auto outcomes = outcomes_of(network_, values, all_alive(n_) & ~spec_.without);
    network_->set_thresholds(find_exit_thresholds(spec_.threshold, network_->thresholds(), outcomes, labels));
    trained.weights = network_->weights();
  }

 private:
  /// NaN: no information flows under the drawn combination, the batch is skipped.
  double step(const torch::Tensor& rows) {
    const Combination combination = draw_combination(spec_, n_, failures_);
    torch::Tensor loss = joint_loss(rows, combination);
    if (!loss.defined()) return std::nan("");
    // Undefined rather than zero gradients: the parameters of failed nodes stay as they are.
    for (torch::Tensor parameter : network_->parameters()) parameter.mutable_grad() = torch::Tensor();
    loss.backward();
    optimiser_->step();
    network_->clip();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) throw Diverged(value);
    return value;
  }

  /// The weighted sum over all heads that are there (DDNN, section III-C).
  torch::Tensor joint_loss(const torch::Tensor& rows, Combination combination) {
    const auto heads = network_->heads(values_.index_select(0, rows), combination, true);
    const torch::Tensor labels = labels_.index_select(0, rows);
    torch::Tensor sum;
    for (std::size_t h = 0; h < heads.size(); ++h) {
      if (!heads[h].defined() || losses_[h].weight == 0) continue;
      torch::Tensor scores = heads[h], wanted = labels;
      if (losses_[h].has_view.defined()) {
        const torch::Tensor seen = losses_[h].has_view.index_select(0, rows).nonzero().squeeze(1);
        if (seen.size(0) == 0) continue;
        scores = scores.index_select(0, seen);
        wanted = labels.index_select(0, seen);
      }
      torch::Tensor loss = loss_(scores, wanted);
      if (losses_[h].weight != 1) loss = loss * losses_[h].weight;
      sum = sum.defined() ? sum + loss : loss;
    }
    return sum;
  }

  TrainingSpec spec_;
  torch::Device device_;
  int n_;
  std::vector<Columns> columns_;
  Network network_;
  torch::Tensor values_, labels_;
  std::vector<HeadLoss> losses_;
  torch::nn::CrossEntropyLoss loss_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  RandomStream shuffle_, failures_;
  std::vector<std::int64_t> subset_;
};

}  // namespace

TrainedModel train(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                   std::uint64_t seed, const EpochCallback& after_epoch, const Device& device) {
  check_training(topology, dataset, spec);
  const Stopwatch watch;
  const torch::Device where = torch_device(device);
  Trainer trainer(topology, dataset, spec, seed, where);
  const torch::Tensor values = values_of(dataset.validation).to(where),
                      labels = labels_of(dataset.validation).to(where);
  TrainedModel trained;
  trained.validation_accuracy = -1;
  for (std::int64_t epoch = 1; epoch <= spec.epochs; ++epoch) {
    const double loss = trainer.epoch(trained);
    const double validation = trainer.validate(values, labels);
    if (validation > trained.validation_accuracy) {
      trained.validation_accuracy = validation;
      trained.best_epoch = epoch;
      trained.weights = trainer.network()->weights();
    }
    if (after_epoch && !after_epoch(epoch, loss, validation)) throw Interrupted{};
  }
  trainer.find_thresholds(values, dataset.validation.labels, trained);
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
