#include "inference/memory_group.hpp"

#include <algorithm>
#include <iostream>

#include "core/seed.hpp"
#include "models/network.hpp"

namespace deepfog {

struct MemoryGroup::Place : StageEngine, SampleSource, Machine {
  Place(MemoryGroup& group, int place, const Weights& weights)
      : group(group),
        place(place),
        wiring(group.topology_, place),
        network(group.topology_, place, weights, "weights"),
        courier(group.network_.channel(place), wiring, group.options_.courier),
        node(courier, group.plan_, group.script_, *this, *this, *this, group.options_.node) {}

  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) override {
    return network.run(stage, inputs, rows, output, between);
  }
  const float* rows(int source, std::int64_t first, std::int64_t rows) override {
    const Columns& columns = group.columns_[static_cast<std::size_t>(source)];
    buffer.resize(std::max(buffer.size(), group.columns_.size()));
    std::vector<float>& values = buffer[static_cast<std::size_t>(source)];
    values.clear();
    for (std::int64_t row = first; row < first + rows; ++row) {
      const float* at = group.samples_.values.data() + row * group.samples_.features;
      values.insert(values.end(), at + columns.begin, at + columns.end);
    }
    return values.data();
  }
  void crash() override { group.network_.kill(place); }
  void hang(std::int64_t length_us) override { group.network_.stop(place, length_us); }

  MemoryGroup& group;
  int place;
  Wiring wiring;
  NodeNetwork network;
  Courier courier;
  Node node;
  std::vector<std::vector<float>> buffer;
};

MemoryGroup::MemoryGroup(const Topology& topology, std::vector<Phase> plan, const std::string& script,
                         Options options)
    : topology_(topology),
      plan_(std::move(plan)),
      script_(FailureScript::parse(script, "script", topology_)),
      options_(std::move(options)),
      network_(static_cast<int>(topology_.nodes().size()), options_.seed, options_.network) {
  RandomStream stream(options_.seed);
  std::int64_t features = 0;
  for (const Source& source : topology_.sources()) {
    columns_.push_back({features, features + source.width});
    features += source.width;
  }
  samples_.features = features;
  for (const Phase& phase : plan_)
    options_.node.samples = std::max(options_.node.samples, phase.first_sample + phase.samples);
  samples_.labels.assign(static_cast<std::size_t>(options_.node.samples), 0);
  for (std::int64_t i = 0; i < options_.node.samples * features; ++i)
    samples_.values.push_back(static_cast<float>(2 * stream.uniform() - 1));
  options_.node.most_rows = static_cast<std::int32_t>(options_.conductor.batch);
  options_.courier.run = options_.seed * 7919 + 1;

  Network whole(topology_, columns_);
  whole->initialise(options_.seed);
  const Weights weights = whole->weights();
  simulated_ = std::make_unique<SimulatedNetwork>(topology_, columns_, weights, "weights");
  for (int place = 0; place < network_.channel(0).places(); ++place) {
    Weights own;
    for (const NamedTensor& tensor : weights) {
      if (tensor.node == topology_.nodes()[static_cast<std::size_t>(place)].name) own.push_back(tensor);
    }
    places_.push_back(std::make_unique<Place>(*this, place, own));
  }
  Place& last = *places_[static_cast<std::size_t>(places_.front()->wiring.last_node())];
  conductor_ = std::make_unique<Conductor>(last.node, last.courier, plan_, options_.conductor, *this);
}

MemoryGroup::~MemoryGroup() = default;

const Node& MemoryGroup::node(int place) const {
  return places_[static_cast<std::size_t>(place)]->node;
}
const Courier& MemoryGroup::courier(int place) const {
  return places_[static_cast<std::size_t>(place)]->courier;
}

std::int64_t MemoryGroup::step(int place) {
  Place& here = *places_[static_cast<std::size_t>(place)];
  if (here.node.ending() != NodeEnding::none) return -1;
  if (!here.wiring.is_last()) return here.node.step();
  for (;;) {
    const std::int64_t node_us = here.node.step();
    const std::int64_t conductor_us = conductor_->step();
    if (conductor_->finished()) {
      conductor_->dismiss(true);
      return -1;
    }
    if (conductor_us > here.courier.now_us()) return std::min(node_us, conductor_us);
  }
}

bool MemoryGroup::run() {
  std::vector<MemoryNetwork::Step> steps;
  for (int place = 0; place < static_cast<int>(places_.size()); ++place)
    steps.push_back([this, place] { return step(place); });
  network_.run(steps, options_.until_us);
  return conductor_->finished();
}

SampleView MemoryGroup::samples(std::int64_t begin, std::int64_t rows) const {
  return view(samples_, begin, begin + rows);
}

int MemoryGroup::wrong_answers() const {
  int wrong = 0;
  for (const RoundRecord& record : rounds_) {
    const SampleView rows = samples(record.frame.first_sample, record.frame.rows);
    const auto expected = simulated_->labels_over(rows, record.used.flags());
    if (expected == record.predictions) continue;
    if (wrong++ == 0) std::cerr << "round " << record.frame.round << ": another answer than the network's\n";
  }
  return wrong;
}

int MemoryGroup::unlike_plan() const {
  int unlike = 0;
  for (const RoundRecord& record : rounds_) {
    const SampleView rows = samples(record.frame.first_sample, record.frame.rows);
    const Combination combination = plan_[static_cast<std::size_t>(record.frame.phase)].combination;
    if (simulated_->labels(rows, combination) != record.predictions) ++unlike;
  }
  return unlike;
}

}  // namespace deepfog
