#include <algorithm>
#include <cmath>
#include <limits>

#include "results/verify_inference.hpp"

namespace deepfog::verification {
namespace {

class RoundsCheck {
 public:
  RoundsCheck(const SoundInference& inference, Violations& violations)
      : in_(inference),
        rounds_(inference.results.rounds),
        violations_(violations),
        links_(inference.topology.hyperconnections().size()),
        phases_(static_cast<std::int64_t>(inference.results.phases.name.size())),
        done_(static_cast<std::size_t>(phases_), 0) {}

  void run() {
    for (row_ = 0; row_ < rounds_.group.size(); ++row_) {
      check_place();
      check_times();
      check_links();
      check_predictions();
      first_prediction_ += static_cast<std::size_t>(rounds_.samples[row_]);
    }
    check_plan();
  }

 private:
  /// Group, phase and number: rounds of a group count from 0.
  void check_place() {
    const std::int64_t group = rounds_.group[row_], phase = rounds_.phase[row_];
    if (group < 0 || group >= in_.groups) {
      add("group", std::to_string(group) + " (0 to " + std::to_string(in_.groups - 1) + ")");
    } else if (row_ > 0 && group < rounds_.group[row_ - 1]) {
      add("group", "behind group " + std::to_string(rounds_.group[row_ - 1]));
    }
    if (row_ == 0 || group != rounds_.group[row_ - 1]) next_ = 0;
    if (rounds_.round[row_] != next_) {
      violations_.add(object("round"), "group " + std::to_string(group) + ": " +
                                           std::to_string(rounds_.round[row_]) + " in the place of round " +
                                           std::to_string(next_));
    }
    // A number that cannot be counted on from is a violation already.
    next_ = std::max(next_, std::min(rounds_.round[row_], std::numeric_limits<std::int64_t>::max() / 2)) + 1;
    if (phase < 0 || phase >= phases_) {
      add("phase", std::to_string(phase) + " (0 to " + std::to_string(phases_ - 1) + ")");
      return;
    }
    ++done_[static_cast<std::size_t>(phase)];
    if (phases_ > 1 && group != phase % in_.groups) {
      add("phase", std::to_string(phase) + " belongs to group " + std::to_string(phase % in_.groups));
    }
  }

  void check_times() {
    const double latency = rounds_.latency_us[row_], arrival = rounds_.arrival_us[row_];
    if (!(latency >= 0 && std::isfinite(latency))) add("latency_us", show(latency) + " (0 or more)");
    if (!(arrival >= 0 && std::isfinite(arrival))) add("arrival_us", show(arrival) + " (0 or more)");
    const std::int64_t link = rounds_.waited_for[row_];
    const std::vector<int>& last = in_.topology.stages().back().incoming;
    if (link != -1 && std::count(last.begin(), last.end(), link) == 0)
      add("waited_for", std::to_string(link) + " does not lead to the last stage");
  }

  /// What was used can have been there: its sender is a source or used something itself.
  void check_links() {
    const std::uint8_t* used = rounds_.used.data() + row_ * links_;
    const std::uint8_t* timed_out = rounds_.timed_out.data() + row_ * links_;
    for (std::size_t i = 0; i < links_; ++i) {
      if (used[i] > 1) add("used", name(i) + ": " + std::to_string(used[i]) + " (0 or 1)");
      if (timed_out[i] > 1) add("timed_out", name(i) + ": " + std::to_string(timed_out[i]) + " (0 or 1)");
      if (used[i] != 0 && timed_out[i] != 0) add("timed_out", name(i) + " timed out, but was used");
      const int from = in_.topology.hyperconnections()[i].from;
      if (used[i] != 0 && !in_.topology.is_source(from) && !reached(in_.topology.stage_of(from)))
        add("used", name(i) + " was used, but nothing reached its sender");
    }
  }

  bool reached(int stage) const {
    const std::uint8_t* used = rounds_.used.data() + row_ * links_;
    const std::vector<int>& incoming = in_.topology.stages()[static_cast<std::size_t>(stage)].incoming;
    return std::any_of(incoming.begin(), incoming.end(), [&](int link) { return used[link] != 0; });
  }

  void check_predictions() {
    const bool answered = reached(in_.topology.last_stage());
    std::int64_t correct = 0;
    for (std::int64_t i = 0; i < rounds_.samples[row_]; ++i) {
      const std::int64_t found = rounds_.prediction[first_prediction_ + static_cast<std::size_t>(i)];
      const std::size_t sample = first_prediction_ + static_cast<std::size_t>(i);
      const bool lost = !rounds_.exit.empty() && rounds_.exit[sample] == -1;  // its exit's scores were
      const std::int64_t least = answered && !lost ? 0 : -1, most = answered && !lost ? in_.classes - 1 : -1;
      if (found < -1 || found >= in_.classes) {
        add("prediction", std::to_string(found) + " (-1 to " + std::to_string(in_.classes - 1) + ")");
      } else if (found < least || found > most) {
        add("prediction", std::to_string(found) + (answered ? ", but the last stage was reached"
                                                            : ", but nothing reached the last stage"));
      }
      check_exit(first_prediction_ + static_cast<std::size_t>(i), answered);
      correct += found == in_.results.labels[static_cast<std::size_t>(rounds_.first_sample[row_] + i)];
    }
    if (rounds_.correct[row_] != correct) {
      add("correct", std::to_string(rounds_.correct[row_]) + ", but " + std::to_string(correct) +
                         " predictions equal their labels");
    }
  }

  /// A network with exits says of every sample which one has answered it.
  void check_exit(std::size_t sample, bool answered) {
    const auto exits = static_cast<std::int64_t>(in_.topology.exits().size());
    if ((exits != 0) != !rounds_.exit.empty()) {
      if (sample == 0) add("exit", exits != 0 ? "missing" : "there, but the network has no exits");
      return;
    }
    if (exits == 0) return;
    const std::int64_t found = rounds_.exit[sample], most = answered ? exits - 1 : -1;
    if (found < -1 || found > most) {
      add("exit", std::to_string(found) + " (-1 to " + std::to_string(most) + ")");
    }
  }

  /// A run that came to its end has every round its phases plan, an interrupted one no more than these.
  void check_plan() {
    for (std::size_t i = 0; i < done_.size(); ++i) {
      const std::int64_t planned = in_.results.phases.rounds[i];
      if (done_[i] > planned || (in_.complete && done_[i] < planned)) {
        violations_.add(in_.base + "/phases/rounds", "phase " + std::to_string(i) + ": " +
                                                         std::to_string(done_[i]) + " rounds done (" +
                                                         std::to_string(planned) + ")");
      }
    }
  }

  std::string object(const std::string& column) const { return in_.base + "/rounds/" + column; }
  const std::string& name(std::size_t link) const { return in_.results.links[link]; }
  void add(const std::string& column, const std::string& what) {
    violations_.add(object(column), "group " + std::to_string(rounds_.group[row_]) + ", round " +
                                        std::to_string(rounds_.round[row_]) + ": " + what);
  }

  const SoundInference& in_;
  const InferenceRounds& rounds_;
  Violations& violations_;
  std::size_t links_;
  std::int64_t phases_;
  std::vector<std::int64_t> done_;  ///< rounds of each phase
  std::size_t row_ = 0, first_prediction_ = 0;
  std::int64_t next_ = 0;  ///< number of the group's next round
};

}  // namespace

void check_rounds(const SoundInference& inference, Violations& violations) {
  RoundsCheck(inference, violations).run();
}

}  // namespace deepfog::verification
