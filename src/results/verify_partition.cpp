#include "results/verify_partition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace deepfog::verification {
namespace {

/// Threshold of a grouping: a distance.
bool is_distance(double value) {
  return value >= 0 && std::isfinite(value);
}

/// Which points no other beats (as few bytes and as high an accuracy, one of them better). NaN: none.
std::vector<std::uint8_t> front_of(const PartitionTables::Front& front) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < front.bytes.size(); ++i) {
    if (!std::isnan(front.accuracy[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::make_pair(front.bytes[a], -front.accuracy[a]) <
           std::make_pair(front.bytes[b], -front.accuracy[b]);
  });
  std::vector<std::uint8_t> on(front.bytes.size(), 0);
  double highest = -std::numeric_limits<double>::infinity();  // of the points with fewer bytes
  for (std::size_t begin = 0, i = 0; begin < order.size(); begin = i) {
    const double top = front.accuracy[order[begin]];
    for (; i < order.size() && front.bytes[order[i]] == front.bytes[order[begin]]; ++i)
      on[order[i]] = front.accuracy[order[i]] == top && top > highest ? 1 : 0;
    highest = std::max(highest, top);
  }
  return on;
}

class PartitionCheck {
 public:
  PartitionCheck(const ExperimentResults& experiment, const ModelResults& model, Violations& violations)
      : e_(experiment),
        m_(model),
        p_(model.partition),
        violations_(violations),
        base_("/experiments/" + experiment.name + "/models/" + model.name) {}

  void run() {
    if (!attributes() || !sizes()) return;
    for (std::size_t i = 0; i < p_.layers.size(); ++i)
      violations_.expect(p_.neurons[i] >= 1 && p_.neurons[i] <= kMostNeurons, base_ + "/partition/neurons",
                         p_.layers[i] + ": " + std::to_string(p_.neurons[i]));
    for (std::size_t run = 0; run < m_.done.size(); ++run) {
      if (m_.done[run] != 1) continue;
      for (std::size_t i = 0; i < p_.layers.size(); ++i) check_layer(run, i);
      for (std::size_t d = 0; d < columns_; ++d) check_device(run, d);
    }
    if (!p_.front.empty()) check_front();
  }

 private:
  static constexpr std::int64_t kMostNeurons = std::int64_t{1} << 40;

  template <class Map>
  bool has(const Map& map, const std::string& name) {
    return violations_.expect(map.count(name) != 0, base_ + "@" + name, "missing");
  }
  bool size(const std::string& name, std::size_t found, std::size_t expected) {
    return violations_.expect(found == expected, base_ + name,
                              std::to_string(found) + " values (" + std::to_string(expected) + ")");
  }
  static std::string at(std::size_t run, const std::string& place) {
    return "run " + std::to_string(run) + ", " + place + ": ";
  }

  bool attributes() {
    bool good = true;
    for (const char* name : {"method", "network", "scores", "score_normalisation"})
      good = has(m_.text, name) && good;
    for (const char* name : {"devices", "calibration_images", "network_bytes"})
      good = has(m_.integers, name) && good;
    if (!good) return false;
    method_ = m_.text.at("method");
    violations_.expect_word(base_ + "@method", method_, {"robustdice", "lop", "cdc", "replicated", "random"});
    std::istringstream scores(m_.text.at("scores"));
    for (std::string score; scores >> score;)
      violations_.expect_word(base_ + "@scores", score, {"s1", "s2", "s3"});
    for (const auto& [name, least] : {std::pair("calibration_images", 0), std::pair("network_bytes", 1)}) {
      const std::int64_t value = m_.integers.at(name);
      violations_.expect(value >= least, base_ + "@" + name, std::to_string(value));
    }
    const std::int64_t devices = m_.integers.at("devices");
    return violations_.expect(devices == static_cast<std::int64_t>(e_.nodes.size()), base_ + "@devices",
                              std::to_string(devices) + " (" + std::to_string(e_.nodes.size()) + ")");
  }

  bool sizes() {
    const std::size_t runs = m_.done.size(), layers = p_.layers.size();
    columns_ = e_.nodes.size() + (method_ == "cdc" ? 1 : 0);
    bool good = size("/partition/neurons", p_.neurons.size(), layers);
    good = size("/partition/held", p_.held.size(), runs * layers) && good;
    good = size("/partition/device_bytes", p_.device_bytes.size(), runs * columns_) && good;
    const std::size_t thresholds = method_ == "robustdice" ? runs * layers : 0;
    good = size("/partition/thresholds", p_.thresholds.size(), thresholds) && good;
    const PartitionTables::Front& front = p_.front;
    good = size("/front/bytes", front.bytes.size(), front.thresholds.size()) && good;
    good = size("/front/accuracy", front.accuracy.size(), front.thresholds.size()) && good;
    return size("/front/on_front", front.on_front.size(), front.thresholds.size()) && good;
  }

  void check_layer(std::size_t run, std::size_t layer) {
    const std::size_t cell = run * p_.layers.size() + layer;
    const std::int64_t held = p_.held[cell], one = p_.neurons[layer];
    if (one < -kMostNeurons || one > kMostNeurons) return;  // a violation already, and no number to multiply
    const auto all = static_cast<std::int64_t>(e_.nodes.size()) * one;
    const std::int64_t least = method_ == "replicated" ? all : one;
    const std::int64_t most = method_ == "robustdice" || method_ == "replicated" ? all : one;
    if (held < least || held > most) {
      violations_.add(base_ + "/partition/held", at(run, p_.layers[layer]) + std::to_string(held) + " (" +
                                                     std::to_string(least) + " to " + std::to_string(most) +
                                                     ")");
    }
    if (!p_.thresholds.empty() && !is_distance(p_.thresholds[cell])) {
      violations_.add(base_ + "/partition/thresholds",
                      at(run, p_.layers[layer]) + show(p_.thresholds[cell]) + " (0 or more)");
    }
  }

  void check_device(std::size_t run, std::size_t device) {
    const std::int64_t bytes = p_.device_bytes[run * columns_ + device],
                       whole = m_.integers.at("network_bytes");
    const std::string where = base_ + "/partition/device_bytes",
                      what = at(run, "device " + std::to_string(device)) + std::to_string(bytes) + " bytes";
    violations_.expect(bytes >= 1, where, what);
    if (device >= e_.nodes.size()) return;  // a spare's sums are rounded up, layer by layer
    violations_.expect(bytes <= whole, where, what + ", more than the network's " + std::to_string(whole));
    violations_.expect(method_ != "replicated" || bytes >= whole, where,
                       what + ", but a replica has " + std::to_string(whole));
  }

  void check_front() {
    const PartitionTables::Front& front = p_.front;
    const std::string base = base_ + "/front";
    violations_.expect(front.failed >= 0 && front.failed <= static_cast<std::int64_t>(e_.nodes.size()),
                       base + "@failed",
                       std::to_string(front.failed) + " (0 to " + std::to_string(e_.nodes.size()) + ")");
    const std::vector<std::uint8_t> right = front_of(front);
    for (std::size_t i = 0; i < front.thresholds.size(); ++i) {
      const std::string point = "point " + std::to_string(i) + ": ";
      const double threshold = front.thresholds[i], accuracy = front.accuracy[i];
      violations_.expect(is_distance(threshold) || std::isnan(threshold), base + "/thresholds",
                         point + show(threshold) + " (0 or more)");
      violations_.expect(front.bytes[i] >= 1, base + "/bytes", point + std::to_string(front.bytes[i]));
      violations_.expect(in_unit(accuracy) || std::isnan(accuracy), base + "/accuracy",
                         point + show(accuracy) + " (0 to 1)");
      violations_.expect(front.on_front[i] == right[i], base + "/on_front",
                         point + std::to_string(front.on_front[i]) + " (" + std::to_string(right[i]) + ")");
    }
  }

  const ExperimentResults& e_;
  const ModelResults& m_;
  const PartitionTables& p_;
  Violations& violations_;
  std::string base_, method_;
  std::size_t columns_ = 0;  ///< of device_bytes
};

}  // namespace

void verify_partition(const ExperimentResults& experiment, const ModelResults& model,
                      Violations& violations) {
  if (!model.partition.empty()) PartitionCheck(experiment, model, violations).run();
}

}  // namespace deepfog::verification
