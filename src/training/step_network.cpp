#include "training/step_network.hpp"

#include <algorithm>

namespace deepfog {
namespace {

/// The largest width of any derivative; the data of sources need none.
std::int64_t widest_learnt(const Topology& topology) {
  std::int64_t width = 1;
  for (const Hyperconnection& h : topology.hyperconnections()) {
    const int to = topology.stage_of(h.to);
    if (!topology.is_source(h.from) || h.expansion == Expansion::linear) {
      width = std::max({width, h.width, topology.stages()[to].expansion_width});
    }
  }
  for (const Stage& stage : topology.stages()) {
    for (const Layer& layer : stage.layers) width = std::max(width, layer.width);
  }
  return width;
}

void zero(FloatRows& rows, std::int64_t count, std::int64_t width) {
  for (std::int64_t r = 0; r < count; ++r) std::fill_n(rows.row(r), width, 0.0F);
}

void take(RowsView from, const std::int64_t* rows, std::int64_t count, std::int64_t width, FloatRows& to) {
  for (std::int64_t r = 0; r < count; ++r) std::copy_n(from.row(rows[r]), width, to.row(r));
}

}  // namespace

RunParameters::RunParameters(const Topology& topology, const Weights& weights) : form_(weights) {
  std::size_t next = 0;
  for (const Stage& stage : topology.stages()) {
    StageMaps maps;
    for (int link : stage.incoming) {
      if (topology.hyperconnections()[link].expansion != Expansion::linear) continue;
      maps.expansions.emplace_back(weights[next++], nullptr, false);
    }
    for (const Layer& layer : stage.layers) {
      maps.layers.emplace_back(weights[next], &weights[next + 1], layer.kind == LayerKind::relu);
      next += 2;
    }
    stages_.push_back(std::move(maps));
  }
}

Weights RunParameters::weights() const {
  Weights weights = form_;
  std::size_t next = 0;
  for (const StageMaps& maps : stages_) {
    for (const DenseMap& map : maps.expansions) map.store(weights[next++], nullptr);
    for (const DenseMap& map : maps.layers) {
      map.store(weights[next], &weights[next + 1]);
      next += 2;
    }
  }
  return weights;
}

void RunParameters::save(Encoder& encoder) const {
  for (const StageMaps& maps : stages_)
    for (const auto* list : {&maps.expansions, &maps.layers})
      for (const DenseMap& map : *list) map.save(encoder);
}

void RunParameters::restore(Decoder& decoder) {
  for (StageMaps& maps : stages_)
    for (auto* list : {&maps.expansions, &maps.layers})
      for (DenseMap& map : *list) map.restore(decoder);
}

StepNetwork::StepNetwork(const Topology& topology, std::int64_t capacity)
    : topology_(topology),
      capacity_(capacity),
      spaces_(topology.stages().size()),
      link_gradient_(capacity, widest_learnt(topology)),
      scratch_(widest_learnt(topology)) {
  for (FloatRows& gradient : gradient_) gradient = FloatRows(capacity, widest_learnt(topology));
  for (std::size_t s = 0; s < spaces_.size(); ++s) {
    const Stage& stage = topology.stages()[s];
    spaces_[s].input = FloatRows(capacity, stage.expansion_width);
    spaces_[s].gradient = FloatRows(capacity, stage.output_width);
    for (const Layer& layer : stage.layers) spaces_[s].outputs.emplace_back(capacity, layer.width);
    for (int index : stage.incoming) {
      const Hyperconnection& h = link(index);
      if (h.expansion == Expansion::linear) spaces_[s].carried.emplace_back(capacity, h.width);
    }
  }
}

/// Equation 1: sums the inputs. Returns false if there are none.
bool StepNetwork::gather(int s, RunParameters& run, const EntryInputs& inputs, const std::int64_t* rows,
                         std::int64_t count) {
  const Stage& stage = topology_.stages()[s];
  Space& space = spaces_[s];
  bool begun = false;
  if (inputs.sum(s).data != nullptr) {
    take(inputs.sum(s), rows, count, stage.expansion_width, space.input);
    begun = true;
  }
  std::size_t trainable = 0;
  for (int index : stage.incoming) {
    const Hyperconnection& h = link(index);
    const bool linear = h.expansion == Expansion::linear, source = topology_.is_source(h.from);
    const std::size_t map = linear ? trainable++ : 0;
    if (source ? !linear : !spaces_[topology_.stage_of(h.from)].live) continue;
    if (!begun) zero(space.input, count, stage.expansion_width);
    begun = true;
    FloatRows& to = linear ? space.carried[map] : space.input;
    const auto weight = static_cast<float>(h.weight);
    if (linear) zero(to, count, h.width);
    if (source) {
      for (std::int64_t r = 0; r < count; ++r) {
        const RowsView from = inputs.source(h.from);
        dense_kernels().add_scaled(from.row(rows[r]), 0, 1, h.width, weight, to.row(r), 0);
      }
    } else {
      const RowsView from = output(topology_.stage_of(h.from)).view();
      dense_kernels().add_scaled(from.data, from.stride, count, h.width, weight, to.data(), to.stride());
    }
    if (linear) run.stages()[s].expansions[map].forward(to.view(), count, space.input, true);
  }
  return begun;
}

RowsView StepNetwork::forward(RunParameters& run, const EntryInputs& inputs, const std::int64_t* rows,
                              std::int64_t count, Combination combination) {
  for (std::size_t s = 0; s < spaces_.size(); ++s) {
    const Stage& stage = topology_.stages()[s];
    Space& space = spaces_[s];
    space.live = alive(combination, topology_.nodes()[stage.node].position) &&
                 gather(static_cast<int>(s), run, inputs, rows, count);
    if (!space.live) continue;
    RowsView x = space.input.view();
    for (std::size_t l = 0; l < space.outputs.size(); ++l) {
      run.stages()[s].layers[l].forward(x, count, space.outputs[l]);
      x = space.outputs[l].view();
    }
  }
  if (!spaces_.back().live) return {};
  return output(topology_.last_stage()).view();
}

void StepNetwork::learn(RunParameters& run, std::int64_t count, const Optimiser& optimiser) {
  for (Space& space : spaces_) space.used = false;
  spaces_.back().used = true;
  for (int s = topology_.last_stage(); s >= 0; --s) {
    if (spaces_[s].live && spaces_[s].used) learn_stage(s, run, count, optimiser);
  }
}

bool StepNetwork::hears_a_stage(int s) const {
  const std::vector<int>& incoming = topology_.stages()[s].incoming;
  return std::any_of(incoming.begin(), incoming.end(), [&](int index) {
    const Hyperconnection& h = link(index);
    return topology_.is_source(h.from) ? h.expansion == Expansion::linear
                                       : spaces_[topology_.stage_of(h.from)].live;
  });
}

void StepNetwork::learn_stage(int s, RunParameters& run, std::int64_t count, const Optimiser& optimiser) {
  Space& space = spaces_[s];
  RunParameters::StageMaps& maps = run.stages()[s];
  const bool hears = hears_a_stage(s);
  FloatRows* d = &space.gradient;
  for (int l = static_cast<int>(maps.layers.size()) - 1; l >= 0; --l) {
    DenseMap& layer = maps.layers[l];
    const FloatRows& y = space.outputs[l];
    if (layer.relu()) {
      dense_kernels().mask(y.data(), y.stride(), count, layer.out(), d->data(), d->stride());
    }
    FloatRows* dx = d == &gradient_[0] ? &gradient_[1] : &gradient_[0];
    if (l > 0 || hears) layer.input_gradient(d->view(), count, *dx, scratch_);
    layer.learn(l > 0 ? space.outputs[l - 1].view() : space.input.view(), d->view(), count, optimiser,
                scratch_);
    d = dx;
  }
  if (!hears) return;
  std::size_t trainable = 0;
  for (int index : topology_.stages()[s].incoming) {
    const Hyperconnection& h = link(index);
    const bool linear = h.expansion == Expansion::linear, source = topology_.is_source(h.from);
    const std::size_t number = linear ? trainable++ : 0;
    if (source ? !linear : !spaces_[topology_.stage_of(h.from)].live) continue;
    if (!linear) {
      pass_back(topology_.stage_of(h.from), d->view(), count, h);
      continue;
    }
    DenseMap& map = maps.expansions[number];
    if (!source) {
      map.input_gradient(d->view(), count, link_gradient_, scratch_);
      pass_back(topology_.stage_of(h.from), link_gradient_.view(), count, h);
    }
    map.learn(space.carried[number].view(), d->view(), count, optimiser, scratch_);
  }
}

void StepNetwork::pass_back(int from, RowsView d, std::int64_t count, const Hyperconnection& h) {
  Space& space = spaces_[from];
  if (!space.used) zero(space.gradient, count, h.width);
  space.used = true;
  dense_kernels().add_scaled(d.data, d.stride, count, h.width, static_cast<float>(h.weight),
                             space.gradient.data(), space.gradient.stride());
}

}  // namespace deepfog
