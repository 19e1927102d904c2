#include "inference/memory_group.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "core/seed.hpp"
#include "models/network.hpp"

namespace deepfog {

struct MemoryGroup::Place : StageEngine, SampleSource, Machine {
  Place(MemoryGroup& group, int place, const Weights& weights)
      : group(group),
        place(place),
        node_links(group.topology_, place),
        network(group.topology_, place, weights, "weights"),
        messenger(group.network_.channel(place), node_links, group.options_.messenger),
        node(messenger, group.plan_, group.script_, *this, *this, *this, group.options_.node) {}

  bool run(int stage, const std::vector<const float*>& inputs, std::int64_t rows, std::vector<float>& output,
           const std::function<void()>& between) override {
    const auto& compute_us = group.options_.compute_us;
    if (!compute_us.empty()) group.network_.advance(place, compute_us[static_cast<std::size_t>(place)]);
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
  NodeLinks node_links;
  NodeNetwork network;
  Messenger messenger;
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
  options_.node.most_rows = static_cast<std::int32_t>(options_.round_driver.batch);
  options_.messenger.run = options_.seed * 7919 + 1;

  Network whole(topology_, columns_);
  whole->initialise(options_.seed);
  Weights weights = whole->weights();
  if (options_.edit_weights) options_.edit_weights(weights);
  simulated_ = std::make_unique<SimulatedNetwork>(topology_, columns_, weights, "weights");
  for (int place = 0; place < network_.channel(0).places(); ++place) {
    Weights own;
    for (const NamedTensor& tensor : weights) {
      if (tensor.node == topology_.nodes()[static_cast<std::size_t>(place)].name) own.push_back(tensor);
    }
    places_.push_back(std::make_unique<Place>(*this, place, own));
  }
  Place& last = *places_[static_cast<std::size_t>(places_.front()->node_links.last_node())];
  round_driver_ =
      std::make_unique<RoundDriver>(last.node, last.messenger, plan_, options_.round_driver, *this);
}

MemoryGroup::~MemoryGroup() = default;

const Node& MemoryGroup::node(int place) const {
  return places_[static_cast<std::size_t>(place)]->node;
}
const Messenger& MemoryGroup::messenger(int place) const {
  return places_[static_cast<std::size_t>(place)]->messenger;
}

std::int64_t MemoryGroup::step(int place) {
  Place& here = *places_[static_cast<std::size_t>(place)];
  if (options_.before_step) options_.before_step(*this, place);
  if (here.node.ending() != NodeEnding::none) return -1;
  if (!here.node_links.is_last()) return here.node.step();
  for (;;) {
    const std::int64_t node_us = here.node.step();
    const std::int64_t round_driver_us = round_driver_->step();
    if (round_driver_->finished()) {
      round_driver_->dismiss(true);
      return -1;
    }
    if (round_driver_us > here.messenger.now_us()) return std::min(node_us, round_driver_us);
  }
}

bool MemoryGroup::run() {
  std::vector<MemoryNetwork::Step> steps;
  for (int place = 0; place < static_cast<int>(places_.size()); ++place)
    steps.push_back([this, place] { return step(place); });
  network_.run(steps, options_.until_us);
  return round_driver_->finished();
}

SampleView MemoryGroup::samples(std::int64_t begin, std::int64_t rows) const {
  return view(samples_, begin, begin + rows);
}

int MemoryGroup::wrong_answers() const {
  int wrong = 0;
  for (const RoundRecord& record : rounds_) {
    const SampleView rows = samples(record.frame.first_sample, record.frame.rows);
    std::vector<std::int64_t> exits;
    const auto expected = simulated_->labels_over(rows, record.used.flags(), &exits);
    if (expected == record.predictions && exits == record.exits) continue;
    if (wrong++ == 0) std::cerr << "round " << record.frame.round << ": another answer than the network's\n";
  }
  return wrong;
}

std::vector<std::string> MemoryGroup::oddities() const {
  std::vector<std::string> odd;
  std::map<std::pair<int, std::int64_t>, int> answers;  // of (phase, first sample)
  std::set<std::int64_t> numbers;
  for (const RoundRecord& record : rounds_) {
    const std::string name = "round " + std::to_string(record.frame.round);
    ++answers[{record.frame.phase, record.frame.first_sample}];
    if (!numbers.insert(record.frame.round).second) odd.push_back(name + " has two answers");
    if (record.latency_us < 0) odd.push_back(name + " is answered before it arrives");
    for (int link = 0; link < record.used.links(); ++link) {
      if (record.used.has(link) && record.timed_out.has(link)) odd.push_back(name + " uses what timed out");
    }
    const auto rows = static_cast<std::size_t>(record.frame.rows);
    if (record.predictions.size() != (record.phi ? 0 : rows)) odd.push_back(name + " lacks predictions");
  }
  for (int phase = 0; phase < static_cast<int>(plan_.size()); ++phase) {
    const Phase& planned = plan_[static_cast<std::size_t>(phase)];
    for (std::int64_t first = 0; first < planned.samples; first += options_.round_driver.batch) {
      const int times = answers[{phase, planned.first_sample + first}];
      if (times != 1) odd.push_back("a frame with " + std::to_string(times) + " answers");
    }
  }
  for (const auto& place : places_) {
    std::map<int, MemberEvent> latest;
    for (const Transition& line : place->messenger.membership().transitions()) {
      const auto before = latest.find(line.peer);
      const bool away = before != latest.end() && before->second != MemberEvent::returned;
      const bool lost = before != latest.end() && before->second == MemberEvent::lost;
      if (lost || (line.event == MemberEvent::suspected && away) ||
          (line.event == MemberEvent::returned && !away))
        odd.push_back("node " + std::to_string(place->place) + " has a strange story of its peers");
      latest[line.peer] = line.event;
    }
  }
  return odd;
}

std::vector<std::int64_t> MemoryGroup::latencies_us() const {
  std::vector<std::int64_t> all;
  for (const RoundRecord& record : rounds_) all.push_back(record.latency_us);
  return all;
}

int MemoryGroup::unlike_plan() const {
  int unlike = 0;
  for (const RoundRecord& record : rounds_) {
    const SampleView rows = samples(record.frame.first_sample, record.frame.rows);
    const Combination combination = plan_[static_cast<std::size_t>(record.frame.phase)].combination;
    std::vector<std::int64_t> exits;
    if (simulated_->labels(rows, combination, &exits) != record.predictions || exits != record.exits)
      ++unlike;
  }
  return unlike;
}

}  // namespace deepfog
