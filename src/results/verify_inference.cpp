#include "results/verify_inference.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "results/inference_columns.hpp"

namespace deepfog::verification {
namespace {

constexpr std::int64_t most_groups = 1000000;

/// Whether tables can be walked and attributes are there.
class InferenceCheck {
 public:
  InferenceCheck(const InferenceResults& results, Violations& violations)
      : r_(results), violations_(violations), base_("/inference/" + results.name) {}

  void run() {
    check_attributes();
    if (!check_columns()) return;
    try {
      const Topology topology = parse_topology(r_.topology_text, "topology");
      if (!check_topology(topology)) return;
      check_phases(topology);
      const bool complete = text("ending") == "complete";
      const SoundInference sound{r_, topology, base_, integer("groups"), topology.classes(), complete};
      if (!check_rows(sound)) return;
      check_rounds(sound, violations_);
      check_transport(sound, violations_);
    } catch (const UserError& error) {
      violations_.add(base_ + "/topology/text", error.what());
    }
  }

 private:
  std::string text(const std::string& name) const {
    const auto entry = r_.text.find(name);
    return entry == r_.text.end() ? "" : entry->second;
  }
  std::int64_t integer(const std::string& name) const {
    const auto entry = r_.integers.find(name);
    return entry == r_.integers.end() ? 0 : entry->second;
  }

  void check_attributes() {
    const std::string schema = "/inference/<name>/";
    violations_.expect_attributes(base_, schema, "string", keys(r_.text));
    violations_.expect_attributes(base_, schema, "int64", keys(r_.integers));
    violations_.expect_attributes(base_, schema, "float64", keys(r_.numbers));
    if (r_.text.count("ending") != 0) {
      violations_.expect_word(base_ + "@ending", text("ending"),
                              {"complete", "last node died", "interrupted"});
    }
    if (r_.text.count("data_origin") != 0)
      violations_.expect_word(base_ + "@data_origin", text("data_origin"), {"real", "synthetic"});
    const auto guess = r_.numbers.find("guess_accuracy");
    violations_.expect(guess == r_.numbers.end() || in_unit(guess->second), base_ + "@guess_accuracy",
                       guess == r_.numbers.end() ? "" : show(guess->second) + " (0 to 1)");
    violations_.expect(
        integer("unequal_rounds") == 0, base_ + "@unequal_rounds",
        std::to_string(integer("unequal_rounds")) + " rounds differ from the network in one process (0)");
    if (r_.integers.count("header_bytes") != 0) {
      violations_.expect(integer("header_bytes") >= 0, base_ + "@header_bytes",
                         std::to_string(integer("header_bytes")) + " (0 or more)");
    }
  }

  bool size(const std::string& object, std::size_t found, std::size_t expected) {
    return violations_.expect(found == expected, base_ + "/" + object,
                              std::to_string(found) + " values (" + std::to_string(expected) + ")");
  }

  bool check_columns() {
    bool good = true;
    inference_columns::each_table(r_, [&](const std::string& name, const auto& table) {
      std::size_t rows = 0;
      bool first = true;
      inference_columns::each_column(table, [&](const auto& one) {
        if (first) rows = (table.*one.values).size();
        first = false;
        good = size(name + "/" + one.name, (table.*one.values).size(), rows) && good;
      });
    });
    const InferenceRounds& rounds = r_.rounds;
    good = size("rounds/used", rounds.used.size(), rounds.group.size() * r_.links.size()) && good;
    good = size("rounds/timed_out", rounds.timed_out.size(), rounds.group.size() * r_.links.size()) && good;
    return good && check_frames();
  }

  /// Every frame is of rows of the test split whose labels are known.
  bool check_frames() {
    const auto labels = static_cast<std::int64_t>(r_.labels.size());
    std::size_t sum = 0;
    for (std::size_t i = 0; i < r_.rounds.samples.size(); ++i) {
      const std::int64_t first = r_.rounds.first_sample[i], count = r_.rounds.samples[i];
      if (first < 0 || count < 1 || first > labels || count > labels - first) {
        violations_.add(base_ + "/rounds/samples", "row " + std::to_string(i) + ": " + std::to_string(count) +
                                                       " from " + std::to_string(first) + " of " +
                                                       std::to_string(labels) + " labels");
        return false;
      }
      sum += static_cast<std::size_t>(count);
    }
    if (!r_.rounds.exit.empty() && !size("rounds/exit", r_.rounds.exit.size(), sum)) return false;
    return size("rounds/prediction", r_.rounds.prediction.size(), sum);
  }

  bool check_topology(const Topology& topology) {
    std::vector<std::string> links;
    for (const Hyperconnection& link : topology.hyperconnections())
      links.push_back(topology.vertex_name(link.from) + "->" + topology.vertex_name(link.to));
    bool good = violations_.expect(
        r_.links == links, base_ + "/topology/links",
        listing(r_.links) + ", but the hyperconnections of the topology are " + listing(links));
    good = violations_.expect(r_.failing == topology.failing_names(), base_ + "/topology/failing",
                              listing(r_.failing) + " (" + listing(topology.failing_names()) + ")") &&
           good;
    good = violations_.expect(
               integer("classes") == topology.classes(), base_ + "@classes",
               std::to_string(integer("classes")) + " (" + std::to_string(topology.classes()) + ")") &&
           good;
    good = violations_.expect(
               integer("groups") >= 1 && integer("groups") <= most_groups, base_ + "@groups",
               std::to_string(integer("groups")) + " (1 to " + std::to_string(most_groups) + ")") &&
           good;
    for (const std::int64_t label : r_.labels) {
      if (label < 0 || label >= topology.classes()) {
        violations_.add(base_ + "/labels",
                        std::to_string(label) + " (0 to " + std::to_string(topology.classes() - 1) + ")");
      }
    }
    return good;
  }

  void check_phases(const Topology& topology) {
    const InferencePhases& p = r_.phases;
    const std::uint64_t spare = topology.failing() >= 64 ? 0 : ~std::uint64_t{0} << topology.failing();
    for (std::size_t i = 0; i < p.name.size(); ++i) {
      const std::string at = "phase " + std::to_string(i) + ": ", phases = base_ + "/phases/";
      violations_.expect((p.combination[i] & spare) == 0, phases + "combination",
                         at + std::to_string(p.combination[i]) + " names more than " +
                             std::to_string(topology.failing()) + " nodes");
      violations_.expect(p.timeout_us[i] > 0 && std::isfinite(p.timeout_us[i]), phases + "timeout_us",
                         at + show(p.timeout_us[i]) + " (more than 0)");
      violations_.expect(p.script[i] <= 1, phases + "script", at + std::to_string(p.script[i]) + " (0 or 1)");
      violations_.expect(p.rounds[i] >= 0, phases + "rounds",
                         at + std::to_string(p.rounds[i]) + " (0 or more)");
      violations_.expect(std::isnan(p.settle_us[i]) || (p.settle_us[i] >= 0 && std::isfinite(p.settle_us[i])),
                         phases + "settle_us", at + show(p.settle_us[i]) + " (0 or more, NaN)");
    }
  }

  /// A row a (group, node) and (group, hyperconnection); a run that ended early may have none.
  bool check_rows(const SoundInference& sound) {
    const auto groups = static_cast<std::size_t>(sound.groups);
    bool good = true;
    const auto rows = [&](const std::string& table, std::size_t found, std::size_t a_group) {
      if (sound.complete || found != 0) good = size(table, found, groups * a_group) && good;
    };
    rows("nodes", r_.nodes.group.size(), sound.topology.nodes().size());
    rows("links", r_.link_counts.group.size(), r_.links.size());
    return good;
  }

  const InferenceResults& r_;
  Violations& violations_;
  std::string base_;
};

}  // namespace

void verify_inference(const InferenceResults& inference, Violations& violations) {
  InferenceCheck(inference, violations).run();
}

}  // namespace deepfog::verification
