#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "campaign/task.hpp"
#include "storage/record_log.hpp"

/// What of an earlier config's work still counts when the config has changed: a task is compared by what it
/// depends on.
namespace deepfog {

/// A campaign's config text and inputs, taken apart. A model's runs depend on its own section, its topology
/// and, where it has weights_of, on all that the owner of the weights depends on. Everything else of a config
/// is common: all tasks depend on it, or all of its experiment. `runs` and the lists of models decide how
/// many tasks there are, not what they give.
class ConfigParts {
 public:
  /// @param config  CampaignSpec::config_text   @param inputs  of input_lines(); empty: not known
  ConfigParts(const std::string& config, const std::string& inputs);

  /// Where the runs of a model of `before` stand now; nothing where they would have other results.
  std::optional<RunKey> place_now(const ConfigParts& before, const RunKey& key) const;

  /// What forbids to take this for a later config of the campaign `before`: common values that differ, and
  /// fewer runs. A line a key, as of config_difference(). Experiments that one of them lacks do not count.
  std::vector<std::string> conflicts(const ConfigParts& before) const;

  /// One line a model that has changed, come or gone since `before`.
  std::vector<std::string> changes(const ConfigParts& before) const;

 private:
  using Name = std::pair<std::string, std::string>;  ///< experiment, model
  struct Model {
    std::int32_t experiment = 0, model = 0;  ///< indices
    std::string decides;                     ///< everything its runs depend on beside what is common
  };
  void read_config(const std::string& config);
  void read_inputs(const std::string& inputs);
  void follow_weights();
  std::string name_of(const Name& name) const { return "model " + name.second + " of " + name.first; }

  std::map<std::string, std::string> common_;                              ///< key -> value
  std::map<std::string, std::map<std::string, std::string>> experiments_;  ///< name -> common key -> value
  std::map<Name, Model> models_;
  std::map<Name, std::string> weights_of_;
  std::map<std::pair<std::int32_t, std::int32_t>, Name> names_;
  std::int64_t runs_ = 0;  ///< 0: the text does not say
};

/// Throws UserError with the difference where `now` is no later config of the campaign `before`.
void demand_same_campaign(const std::string& where, const ConfigParts& before, const ConfigParts& now);

/// The config and the inputs that the last records of a journal belong to.
struct ConfigInForce {
  std::string config, inputs;
  ConfigParts parts() const { return ConfigParts(config, inputs); }
};
ConfigInForce config_in_force(const std::string& header, const std::vector<LogRecord>& records,
                              const std::string& where);

/// The records of a journal that count under the config `now`, with the places of their runs in it.
/// @param dropped  counts the finished tasks that do not. Throws Failure naming `where`.
std::vector<LogRecord> records_in_force(const std::string& header, const std::vector<LogRecord>& records,
                                        const ConfigParts& now, const std::string& where,
                                        std::size_t* dropped = nullptr);

}  // namespace deepfog
