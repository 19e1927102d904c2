#include "results/verify_config.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/spelling.hpp"
#include "storage/sha256.hpp"

namespace deepfog::verification {
namespace {

using Words = std::vector<std::string>;

struct Section {
  std::string name;
  std::vector<std::pair<std::string, std::string>> entries;

  const std::string* find(const std::string& key) const {
    for (const auto& [name, value] : entries) {
      if (name == key) return &value;
    }
    return nullptr;
  }
};

bool begins(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

Words words_of(const std::string& text) {
  std::istringstream in(text);
  Words found;
  for (std::string word; in >> word;) found.push_back(word);
  return found;
}

Words sorted(Words words) {
  std::sort(words.begin(), words.end());
  return words;
}

/// The canonical text of a config: "[section]" and "key = value" lines, nothing else.
std::vector<Section> parse_config(const std::string& text) {
  std::vector<Section> sections;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (line.size() > 2 && line.front() == '[' && line.back() == ']') {
      sections.push_back({line.substr(1, line.size() - 2), {}});
    } else if (equals != std::string::npos && !sections.empty()) {
      sections.back().entries.emplace_back(line.substr(0, equals), line.substr(equals + 3));
    }
  }
  return sections;
}

std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) return std::nullopt;
  return value;
}

/// Figures of "near:0.9 middle:0.7", in their order; empty where the text is of another form.
std::vector<std::pair<std::string, double>> by_node(const std::string& text) {
  std::vector<std::pair<std::string, double>> figures;
  for (const std::string& word : words_of(text)) {
    const auto colon = word.rfind(':');
    const auto value = colon == std::string::npos ? std::nullopt : number_of(word.substr(colon + 1));
    if (!value) return {};
    figures.emplace_back(word.substr(0, colon), *value);
  }
  return figures;
}

class ConfigCheck {
 public:
  ConfigCheck(const Results& results, const std::string& text, Violations& violations)
      : results_(results), sections_(parse_config(text)), violations_(violations) {}

  void run() {
    const Section* campaign = section("campaign");
    partition_ = campaign == nullptr;
    const Section* head = partition_ ? section("partition") : campaign;
    Words names;
    for (const Section& one : sections_) {
      if (begins(one.name, "experiment.")) names.push_back(one.name.substr(one.name.find('.') + 1));
    }
    if (head == nullptr || names.empty()) return;
    Words found;
    for (const ExperimentResults& experiment : results_.experiments) found.push_back(experiment.name);
    same_names("/experiments", found, names);
    same_integer("/@threads_per_rank", results_.integers, "threads_per_rank", head->find("threads"));
    check_trainer(*head);
    for (const ExperimentResults& experiment : results_.experiments) {
      if (const Section* own = section("experiment." + experiment.name))
        check_experiment(experiment, *own, *head);
    }
  }

 private:
  const Section* section(const std::string& name) const {
    const auto at = std::find_if(sections_.begin(), sections_.end(),
                                 [&](const Section& one) { return one.name == name; });
    return at == sections_.end() ? nullptr : &*at;
  }

  void same(bool good, const std::string& where, const std::string& found, const std::string& wanted) {
    if (!good) violations_.add(where, found + ", but config_text says " + wanted);
  }
  void same_names(const std::string& where, const Words& found, const Words& wanted) {
    same(found == wanted, where, listing(found), listing(wanted));
  }
  void same_word(const std::string& where, const std::string& found, const std::string* wanted) {
    if (wanted != nullptr) same(found == *wanted, where, found, *wanted);
  }
  // Attributes that are missing are left out here: the layout says which must be there, and older files have
  // fewer.
  template <class Map>
  void same_text(const std::string& where, const Map& map, const std::string& name,
                 const std::string* wanted) {
    const auto entry = map.find(name);
    if (entry != map.end()) same_word(where, entry->second, wanted);
  }
  template <class Map>
  void same_integer(const std::string& where, const Map& map, const std::string& name,
                    const std::string* wanted) {
    const auto entry = map.find(name);
    if (entry != map.end()) same_word(where, std::to_string(entry->second), wanted);
  }
  template <class Map>
  void same_number(const std::string& where, const Map& map, const std::string& name,
                   const std::string* wanted) {
    const auto entry = map.find(name);
    if (entry == map.end() || wanted == nullptr) return;
    const auto value = number_of(*wanted);
    same(value && *value == entry->second, where, show(entry->second), *wanted);
  }

  /// The config names another trainer than LibTorch alone, and so did files before they had the attribute.
  void check_trainer(const Section& head) {
    const auto entry = results_.text.find("trainer");
    const std::string* wanted = head.find("trainer");
    if (partition_ || entry == results_.text.end()) return;
    same(entry->second == (wanted == nullptr ? "libtorch" : *wanted), "/@trainer", entry->second,
         wanted == nullptr ? "libtorch" : *wanted);
  }

  void check_experiment(const ExperimentResults& e, const Section& own, const Section& head) {
    const std::string base = "/experiments/" + e.name;
    const Section& data = partition_ ? head : own;  // one data set for all of a study
    same_word(base + "@split", e.split, data.find("split"));
    same_word(base + "@guess", e.guess, data.find("guess"));
    same_word(base + "/scales/run", std::to_string(e.runs), head.find("runs"));
    same_names(base + "/models", names_of_models(e), wanted_models(e.name, own));
    check_reliability(e, own, base);
    for (const ModelResults& model : e.models) {
      const std::string where = base + "/models/" + model.name;
      same_integer(where + "@seed", model.integers, "seed", head.find("seed"));
      if (partition_) {
        check_cut(model, own, head, where);
      } else if (const Section* section_of = section("model." + e.name + "." + model.name)) {
        check_model(e, model, *section_of, where);
      }
    }
    if (const std::string* confusion = partition_ ? nullptr : head.find("confusion")) {
      for (const ModelResults& model : e.models) {
        const bool wanted = *confusion == "true" && table_form(model) == "combinations";
        violations_.expect(
            wanted == !model.confusion.empty(), base + "/models/" + model.name + "/confusion",
            std::string(wanted ? "missing" : "there") + ", but config_text says confusion = " + *confusion);
      }
    }
  }

  static Words names_of_models(const ExperimentResults& e) {
    Words names;
    for (const ModelResults& model : e.models) names.push_back(model.name);
    return names;
  }

  Words wanted_models(const std::string& experiment, const Section& own) const {
    if (const std::string* models = own.find("models")) return words_of(*models);
    Words names;
    const std::string prefix = partition_ ? "model." : "model." + experiment + ".";
    for (const Section& one : sections_) {
      if (!begins(one.name, prefix)) continue;
      const std::string* places = partition_ ? one.find("experiments") : nullptr;
      const Words wanted = places == nullptr ? Words{experiment} : words_of(*places);
      if (std::find(wanted.begin(), wanted.end(), experiment) != wanted.end())
        names.push_back(one.name.substr(prefix.size()));
    }
    return names;
  }

  void check_reliability(const ExperimentResults& e, const Section& own, const std::string& base) {
    Words wanted, found;
    for (const auto& [key, value] : own.entries) {
      if (!begins(key, "reliability.")) continue;
      wanted.push_back(key.substr(key.find('.') + 1));
      const auto at = std::find_if(e.reliability.begin(), e.reliability.end(),
                                   [&](const auto& one) { return one.first == wanted.back(); });
      if (at != e.reliability.end()) same_figures(base + "/reliability/" + at->first, e, at->second, value);
    }
    if (wanted.empty()) return;
    for (const auto& [setting, survival] : e.reliability) found.push_back(setting);
    same_names(base + "/reliability", found, wanted);
  }

  void same_figures(const std::string& where, const ExperimentResults& e, const std::vector<double>& found,
                    const std::string& wanted) {
    const auto figures = by_node(wanted);
    if (figures.empty() || found.size() != e.nodes.size()) return;
    std::map<std::string, double> of_nodes(figures.begin(), figures.end());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto entry = of_nodes.find(e.nodes[i]);
      if (entry == of_nodes.end()) continue;  // a device that a method adds
      same(found[i] == entry->second, where, e.nodes[i] + ":" + show(found[i]), wanted);
      of_nodes.erase(entry);
    }
    violations_.expect(of_nodes.empty(), where, "nodes are missing that config_text has: " + wanted);
  }

  void check_model(const ExperimentResults& e, const ModelResults& m, const Section& own,
                   const std::string& where) {
    const std::string* lender = own.find("weights_of");
    same_text(where + "@weights_of", m.text, "weights_of", lender);
    violations_.expect((lender != nullptr) == (m.text.count("weights_of") != 0), where + "@weights_of",
                       lender == nullptr ? "not in config_text" : "missing, but in config_text");
    if (const std::string* sum = own.find("topology_sha256")) {
      violations_.expect(sha256(m.topology_text) == *sum, where + "/topology_text",
                         "is not the topology of config_text, of which it has the SHA-256");
    }
    const Section* trained = lender == nullptr ? &own : section("model." + e.name + "." + *lender);
    if (trained == nullptr) return;
    for (const std::string key : {"training", "optimiser", "normalise", "class_weights"})
      same_text(where + "@" + key, m.text, key, trained->find(key));
    for (const std::string key : {"epochs", "batch_size", "max_train_samples"})
      same_integer(where + "@" + key, m.integers, key, trained->find(key));
    for (const std::string key : {"learning_rate", "weight_decay"})
      same_number(where + "@" + key, m.numbers, key, trained->find(key));
    if (const std::string* rates = trained->find("failout_rate"))
      same_figures(where + "@failout_rates", e, m.failout_rates, *rates);
    if (lender == nullptr) same_text(where + "@seeds_of", m.text, "seeds_of", own.find("seeds_of"));
    check_exits(m, *trained, where);
  }

  void check_exits(const ModelResults& m, const Section& own, const std::string& where) {
    if (const std::string* without = own.find("train_without")) {
      const auto entry = m.text.find("trained_without");
      const std::string found = entry == m.text.end() ? "" : entry->second;
      same(sorted(words_of(found)) == sorted(words_of(*without)), where + "@trained_without", found,
           *without);
    }
    const std::string* threshold = own.find("exit_threshold");
    if (threshold == nullptr) return;
    const Words rule = words_of(*threshold);
    const std::string how = rule.empty() || number_of(rule.front()) ? "fixed" : rule.front();
    same_text(where + "@exit_threshold", m.text, "exit_threshold", &how);
    if (!rule.empty() && number_of(rule.back()))
      same_number(where + "@exit_threshold_value", m.numbers, "exit_threshold_value", &rule.back());
  }

  /// A network cut over devices, whose training stands in [partition].
  void check_cut(const ModelResults& m, const Section& experiment, const Section& head,
                 const std::string& where) {
    same_integer(where + "@devices", m.integers, "devices", experiment.find("devices"));
    const std::string* weights = head.find("weights");
    if (weights != nullptr && (*weights == "train" || *weights == "random"))  // not a path, which is resolved
      same_text(where + "@weights", m.text, "weights", weights);
    for (const std::string key : {"network", "optimiser", "augmentation"})
      same_text(where + "@" + key, m.text, key, head.find(key));
    for (const std::string key : {"epochs", "batch_size", "max_train_samples"})
      same_integer(where + "@" + key, m.integers, key, head.find(key));
    for (const std::string key : {"learning_rate", "weight_decay"})
      same_number(where + "@" + key, m.numbers, key, head.find(key));
    const Section* own = section("model." + m.name);
    if (own != nullptr) same_text(where + "@method", m.text, "method", own->find("method"));
  }

  const Results& results_;
  std::vector<Section> sections_;
  Violations& violations_;
  bool partition_ = false;
};

}  // namespace

void verify_config(const Results& results, Violations& violations) {
  const auto text = results.text.find("config_text");
  if (text != results.text.end()) ConfigCheck(results, text->second, violations).run();
}

}  // namespace deepfog::verification
