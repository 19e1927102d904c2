#include "cli/infer_config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "cli/settings_text.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "inference/failure_script.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostScriptBytes = 1 << 20;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    const auto begin = word.find_first_not_of(' '), end = word.find_last_not_of(' ');
    if (begin != std::string::npos) words.push_back(word.substr(begin, end - begin + 1));
  }
  return words;
}

void put(IniSection& section, const std::string& key, const std::string& value) {
  const std::string where = "--" + [](std::string name) {
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  }(key);
  for (IniEntry& entry : section.entries) {
    if (entry.key != key) continue;
    const bool another = (key == "fail" || key == "link_timeout") && entry.where == where;
    entry = {key, another ? entry.value + ", " + value : value, where};
    return;
  }
  section.entries.push_back({key, value, where});
}

std::string read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(path, "cannot be read", "a failure script");
  std::string text(static_cast<std::size_t>(kMostScriptBytes), '\0');
  file.read(text.data(), kMostScriptBytes);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.get() != EOF) throw UserError(path, "is larger than 1 MiB", "a failure script");
  return text;
}

std::int64_t time_of(SettingReader& reader, const std::string& key, const std::string& fallback,
                     std::int64_t least) {
  const std::string text = reader.text(key, fallback);
  const IniEntry* entry = reader.entry(key);
  const std::string where = entry == nullptr ? key : entry->where + ": " + key;
  const std::int64_t us = parse_time_us(text, where);
  if (us < least)
    throw UserError(where + " " + text, "is too short", std::to_string(least) + "us or more allowed");
  return us;
}

Scenario scenario_of(const std::string& word) {
  if (word == "offline") return Scenario::offline;
  return word == "server" ? Scenario::server : Scenario::single_stream;
}

void read_failures(SettingReader& reader, DistributedSpec& spec) {
  spec.failures = reader.text("failures", "none");
  const std::string script = reader.text("script", ""), fail = reader.text("fail", "");
  if (!script.empty()) {
    spec.script = read_script(script);
    spec.script_where = script;
  }
  if (fail.empty()) return;
  if (!script.empty())
    throw UserError("--fail", "does not go with a script file", "add the line to " + script);
  spec.script_where = "--fail";
  for (const std::string& line : split(fail)) spec.script += line + "\n";
}

void read_time(SettingReader& reader, DistributedSpec& spec) {
  const std::string timeout = reader.text("timeout", "");
  const IniEntry* entry = reader.entry("timeout");
  if (!timeout.empty()) spec.timeouts_us = parse_timeouts(timeout, entry->where + ": timeout");
  spec.link_timeouts = split(reader.text("link_timeout", ""));
  spec.variants = split(reader.text("variants", "none"));
  if (spec.variants != std::vector<std::string>{"none"} && spec.timeouts_us.size() < 2)
    throw UserError(reader.entry("variants")->where, "variants without several timeouts",
                    "timeout = 10us..30ms");
  const bool scripted = std::count(spec.variants.begin(), spec.variants.end(), "script") != 0;
  if (scripted && spec.script.empty())
    throw UserError(reader.entry("variants")->where, "variant script without a script", "--fail or --script");
  spec.adaptive = reader.truth("adaptive", false);
  spec.heartbeat_us = time_of(reader, "heartbeat", "20ms", 100);
  spec.limit_us = time_of(reader, "limit", "200ms", 1000);
  if (spec.limit_us < 2 * spec.heartbeat_us)
    throw UserError("limit", "is shorter than two heartbeats", "--limit of at least twice --heartbeat");
  spec.run_limit_us = time_of(reader, "run_limit", "3600s", 1'000'000);
}

}  // namespace

const std::vector<std::string>& inference_keys() {
  static const std::vector<std::string> keys{
      "weights",  "dataset",  "output",    "name",     "scenario",  "rate",  "samples",        "batch",
      "depth",    "seed",     "threads",   "failures", "script",    "fail",  "timeout",        "link_timeout",
      "variants", "adaptive", "heartbeat", "limit",    "run_limit", "check", "exit_threshold", "kernels"};
  return keys;
}

std::vector<std::int64_t> parse_timeouts(const std::string& text, const std::string& where) {
  const auto dots = text.find("..");
  std::vector<std::int64_t> timeouts;
  if (dots == std::string::npos) {
    for (const std::string& word : split(text)) timeouts.push_back(parse_time_us(word, where));
  } else {
    const std::int64_t first = parse_time_us(text.substr(0, dots), where);
    const std::int64_t last = parse_time_us(text.substr(dots + 2), where);
    for (std::int64_t scale = std::max<std::int64_t>(first, 1); scale <= last; scale *= 10) {
      timeouts.push_back(scale);
      if (3 * scale <= last) timeouts.push_back(3 * scale);
    }
  }
  const bool rising = std::is_sorted(timeouts.begin(), timeouts.end()) &&
                      std::adjacent_find(timeouts.begin(), timeouts.end()) == timeouts.end();
  if (timeouts.empty() || timeouts.front() < 1 || !rising)
    throw UserError(where + " " + text, "no rising times", "50ms, 10us,1ms or 10us..30ms allowed");
  return timeouts;
}

InferConfig load_infer_config(const std::string& path, const std::vector<std::string>& assignments,
                              const std::vector<std::pair<std::string, std::string>>& options) {
  IniFile file = path.empty() ? parse_ini("[inference]\n", "options") : read_ini(path);
  if (file.find("inference") == nullptr) throw UserError(path, "lacks the section [inference]");
  for (const std::string& assignment : assignments)
    override_entry(file,
                   assignment.find('.') < assignment.find('=') ? assignment : "inference." + assignment);
  IniSection section = *file.find("inference");
  for (const IniSection& other : file.sections) {
    if (other.name != "inference")
      throw UserError(other.where, "unknown section [" + other.name + "]", "[inference] allowed");
  }
  for (const auto& [key, value] : options) put(section, key, value);
  check_keys(section, inference_keys());
  InferConfig config;
  SettingReader reader(section, nullptr, config.effective);
  DistributedSpec& spec = config.spec;
  if (path.empty() && section.find("weights") == nullptr)
    throw UserError("deepfog infer", "no weights given", "--weights FILE, as deepfog run saves them");
  spec.weights = reader.required("weights");
  spec.dataset = reader.text("dataset", "");
  spec.name = reader.text("name", "inference");
  check_name(spec.name, "name " + spec.name, "a distributed run");
  spec.output = reader.text("output", "results/" + spec.name + ".h5", false);
  check_output(spec.output, config.effective.back().where);
  spec.scenario =
      scenario_of(reader.choice("scenario", {"single-stream", "offline", "server"}, "single-stream"));
  spec.rate = reader.number("rate", 0, 1e7, 0);
  if (spec.scenario == Scenario::server && spec.rate <= 0)
    throw UserError("scenario server", "needs a rate", "--rate FRAMES_A_SECOND");
  if (spec.scenario != Scenario::server && spec.rate > 0)
    throw UserError("rate", "belongs to the scenario server", "--scenario server");
  spec.samples = reader.integer("samples", 0, INT32_MAX, 0);
  spec.batch = reader.integer("batch", 1, 65536, 1);
  spec.depth = static_cast<int>(reader.integer("depth", 0, 1024, 0));
  spec.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, INT64_MAX, 1));
  spec.threads = static_cast<int>(reader.integer("threads", 1, 1024, 1));
  spec.kernels = reader.choice("kernels", {"float", "packed"}, spec.kernels);
  if (reader.entry("exit_threshold") != nullptr)
    spec.exit_threshold = reader.number("exit_threshold", 0, 1, 0);
  read_failures(reader, spec);
  read_time(reader, spec);
  spec.check = reader.truth("check", false);
  // Values that were not given and have no default are not printed: an empty value could not be read back.
  auto& effective = config.effective;
  const auto unset = [](const EffectiveSetting& setting) { return setting.value.empty(); };
  effective.erase(std::remove_if(effective.begin(), effective.end(), unset), effective.end());
  return config;
}

}  // namespace deepfog
