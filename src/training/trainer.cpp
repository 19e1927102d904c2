#include "training/trainer.hpp"

#include <torch/torch.h>

#include <cmath>
#include <memory>

#include "core/deadline.hpp"
#include "core/error.hpp"
#include "core/seed.hpp"
#include "models/network.hpp"
#include "models/torch_device.hpp"
#include "topology/weights_codec.hpp"
#include "training/diverged.hpp"
#include "training/exit_thresholds.hpp"
#include "training/optimiser.hpp"
#include "training/rules.hpp"
#include "training/training_loop.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kValidationBlock = 4096;

torch::Tensor values_of(const SampleSet& set) {
  return torch::from_blob(const_cast<float*>(set.values.data()), {set.size(), set.features}, torch::kFloat32);
}

torch::Tensor labels_of(const SampleSet& set) {
  return torch::from_blob(const_cast<std::int64_t*>(set.labels.data()), {set.size()}, torch::kInt64);
}

/// Undefined if all classes weigh 1.
torch::Tensor class_weight_tensor(const Dataset& dataset, const std::string& how, torch::Device device) {
  const std::vector<float> weights = class_weights(dataset, how);
  return weights.empty() ? torch::Tensor() : torch::tensor(weights).to(device);
}

/// How a head takes part in training.
struct HeadLoss {
  double weight = 1;
  bool counts = true;      ///< counts for the validation accuracy: an exit, not a class summary
  torch::Tensor has_view;  ///< [training samples], for a class summary: some value that it sees is not zero
};

/// Marks the vertices on which a vertex depends, including itself.
void find_before(const Topology& topology, int vertex, std::vector<bool>& found) {
  if (found[vertex]) return;
  found[vertex] = true;
  if (topology.is_source(vertex)) return;
  for (const int link : topology.stages()[topology.stage_of(vertex)].incoming)
    find_before(topology, topology.hyperconnections()[link].from, found);
}

/// A missing view, which is all zeros, is not a training sample for the class summary of its device.
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

/// The mean accuracy over the heads that count, each answering all samples; a dead head answers none.
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

/// Trains a topology with LibTorch.
class NetworkSteps : public TrainingSteps {
 public:
  NetworkSteps(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec, std::uint64_t seed,
               torch::Device device)
      : everyone_(all_alive(topology.failing()) & ~spec.without),
        columns_(match_sources(topology, dataset, topology.name())),
        network_(topology, columns_),
        values_(values_of(dataset.train).to(device)),
        labels_(labels_of(dataset.train).to(device)),
        validation_values_(values_of(dataset.validation).to(device)),
        validation_labels_(labels_of(dataset.validation).to(device)),
        losses_(head_losses(topology, columns_, values_)),
        loss_(torch::nn::CrossEntropyLossOptions().weight(
            class_weight_tensor(dataset, spec.class_weights, device))) {
    network_->initialise(derive_seed(seed, "", "", 0, "weights"));
    network_->to(device);
    optimiser_ =
        make_optimiser(spec.optimiser, spec.learning_rate, spec.weight_decay, false, network_->parameters());
  }

  double step(const std::int64_t* rows, std::int64_t count, Combination combination) override {
    const torch::Tensor batch =
        torch::from_blob(const_cast<std::int64_t*>(rows), {count}, torch::kInt64).to(values_.device());
    torch::Tensor loss = joint_loss(batch, combination);
    if (!loss.defined()) return std::nan("");
    // Gradients are undefined rather than zero, so that the parameters of failed nodes do not change.
    for (torch::Tensor parameter : network_->parameters()) parameter.mutable_grad() = torch::Tensor();
    loss.backward();
    optimiser_->step();
    network_->clip();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) throw Diverged(value);
    return value;
  }

  double validation_accuracy() override {
    return accuracy(network_, losses_, validation_values_, validation_labels_, everyone_);
  }

  Weights weights() const override { return network_->weights(); }

  /// Sets the thresholds of a network with exits, on its best weights.
  void find_thresholds(const ThresholdRule& rule, const std::vector<std::int64_t>& labels, Weights& weights) {
    if (!network_->topology().has_exits()) return;
    network_->load(weights, network_->topology().name());
    const auto outcomes = outcomes_of(network_, validation_values_, everyone_);
    network_->set_thresholds(find_exit_thresholds(rule, network_->thresholds(), outcomes, labels));
    weights = network_->weights();
  }

  void save(Encoder& encoder) const override {
    put_weights(encoder, network_->weights());
    encoder.put(network_->dropout_state());
    put_optimiser(encoder, *optimiser_);
  }

  void restore(Decoder& decoder) override {
    network_->load(get_weights_like(decoder, network_->weights()), "training checkpoint");
    network_->set_dropout_state(decoder.get<std::uint64_t>());
    get_optimiser(decoder, *optimiser_);
  }

 private:
  /// The weighted sum of the losses of all heads that are alive (DDNN, section III-C).
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

  Combination everyone_;
  std::vector<Columns> columns_;
  Network network_;
  torch::Tensor values_, labels_, validation_values_, validation_labels_;
  std::vector<HeadLoss> losses_;
  torch::nn::CrossEntropyLoss loss_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

}  // namespace

TrainedModel train(const Topology& topology, const Dataset& dataset, const TrainingSpec& spec,
                   std::uint64_t seed, const EpochCallback& after_epoch, const Device& device,
                   const Checkpoints& checkpoints) {
  check_training(topology, dataset, spec);
  auto made = std::make_unique<NetworkSteps>(topology, dataset, spec, seed, torch_device(device));
  NetworkSteps& steps = *made;
  TrainingRun run(std::move(made), spec, dataset.train.size(), seed, topology.failing(),
                  topology.is_dense() ? 1 : 2);
  train_run(run, after_epoch, checkpoints);
  TrainedModel trained = std::move(run.trained());
  const Stopwatch watch;
  steps.find_thresholds(spec.threshold, dataset.validation.labels, trained.weights);
  trained.seconds += watch.seconds();
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
