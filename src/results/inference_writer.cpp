#include <type_traits>

#include "results/inference_columns.hpp"
#include "results/inference_file.hpp"

namespace deepfog::inference_file {
namespace {

using hdf5::Writer;

class GroupWriter {
 public:
  GroupWriter(Writer& file, const InferenceResults& results)
      : file_(file), results_(results), base_(file.join("/inference", results.name)) {}

  void write() {
    file_.group(base_);
    for (const auto& [name, value] : results_.text) file_.text(base_, name, value);
    for (const auto& [name, value] : results_.integers) file_.value(base_, name, value);
    for (const auto& [name, value] : results_.numbers) file_.value(base_, name, value);
    write_topology();
    inference_columns::each_table(results_, [&](const std::string& name, const auto& table) {
      write_table(base_ + "/" + name, table);
    });
    write_rounds();
  }

 private:
  void write_topology() {
    file_.group(base_ + "/topology");
    file_.text_table(base_ + "/topology/text", results_.topology_text);
    label("/topology/text", "1", "topology file");
    values("/topology/links", results_.links, "1", "hyperconnections, file order");
    values("/topology/failing", results_.failing, "1", "physical nodes that can fail, in vector order");
    file_.text_table(base_ + "/script", results_.script_text);
    label("/script", "1", "failure script, empty where there is none");
    values("/labels", results_.labels, "1", "true class of each row of the test split, from the first");
  }

  /// What has a row a round and hyperconnection, or a row a sample.
  void write_rounds() {
    const InferenceRounds& rounds = results_.rounds;
    const hdf5::Shape shape{static_cast<std::int64_t>(rounds.group.size()),
                            static_cast<std::int64_t>(results_.links.size())};
    file_.table(base_ + "/rounds/used", shape, rounds.used);
    label("/rounds/used", "1", "1 where the vector of the hyperconnection went into the answer");
    file_.table(base_ + "/rounds/timed_out", shape, rounds.timed_out);
    label("/rounds/timed_out", "1", "1 where the hyperconnection was given up at its deadline");
    values("/rounds/prediction", rounds.prediction, "1",
           "class of each sample, one round after the other; -1: nothing reached the last node, guessed");
    if (rounds.exit.empty()) return;
    values("/rounds/exit", rounds.exit, "1",
           "exit that answered each sample, from 0; -1: nothing reached one");
  }

  template <class Table>
  void write_table(const std::string& base, const Table& table) {
    file_.group(base);
    inference_columns::each_column(table, [&](const auto& one) {
      values(base.substr(base_.size()) + "/" + one.name, table.*one.values, one.units, one.long_name);
    });
  }

  template <class Value>
  void values(const std::string& object, const std::vector<Value>& all, const std::string& units,
              const std::string& long_name) {
    if constexpr (std::is_same_v<Value, std::string>) {
      file_.strings(base_ + object, all);
    } else {
      file_.table(base_ + object, {static_cast<std::int64_t>(all.size())}, all);
    }
    label(object, units, long_name);
  }

  void label(const std::string& object, const std::string& units, const std::string& long_name) {
    file_.text(base_ + object, "units", units);
    file_.text(base_ + object, "long_name", long_name);
  }

  Writer& file_;
  const InferenceResults& results_;
  std::string base_;
};

}  // namespace

void write(Writer& file, const InferenceResults& results) {
  GroupWriter(file, results).write();
}

}  // namespace deepfog::inference_file
