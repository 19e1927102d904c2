#include <fnmatch.h>

#include <algorithm>
#include <iostream>

#include "cli/campaign_options.hpp"
#include "cli/ini_file.hpp"
#include "cli/options.hpp"
#include "cli/verb_settings.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

const char* const kUsage =
    "usage: deepfog config get KEY ... --config FILE [options of run, partition or infer]\n"
    "       deepfog config list --config FILE [options of run, partition or infer]\n"
    "       deepfog config verb FILE ...\n\n"
    "What a config file and options ask for, for scripts. get prints the values alone, one per line: a KEY "
    "is\n"
    "SECTION.KEY, such as campaign.output or experiment.health.dataset, or a pattern, such as "
    "\"*.dataset\".\n"
    "list prints SECTION.KEY=VALUE for every value in force, and verb=VERB first. verb prints run, "
    "partition\n"
    "or infer: the verb that the file is for.\n";
const char* const kExample = "  deepfog config get campaign.output --config configs/quickstart.ini\n";

po::options_description describe_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("config", po::value<std::string>(), "config file (INI)");
  add("null", "end every line with a NUL byte: values may hold line breaks");
  return options;
}

/// The arguments, and the options that belong to the config file's verb.
struct Query {
  std::string action;
  std::vector<std::string> words, options;
  bool help = false, null = false;
};

Query read_query(const std::vector<std::string>& arguments) {
  Query query;
  auto at = arguments.begin();
  if (at != arguments.end() && at->compare(0, 1, "-") != 0) query.action = *at++;
  while (at != arguments.end() && at->compare(0, 1, "-") != 0) query.words.push_back(*at++);
  for (; at != arguments.end(); ++at) {
    if (*at == "--help" || *at == "-h") query.help = true;
    if (*at == "--null") {
      query.null = true;
    } else {
      query.options.push_back(*at);
    }
  }
  return query;
}

/// The verb that a config file belongs to, according to its sections.
std::string verb_for(const std::string& path) {
  const IniFile file = read_ini(path);
  if (file.find("partition") != nullptr) return "partition";
  return file.find("inference") != nullptr ? "infer" : "run";
}

std::string config_path(const std::vector<std::string>& options) {
  po::options_description known;
  known.add_options()("config", po::value<std::string>());
  po::variables_map values;
  try {
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(options).options(known).style(style).allow_unregistered().run(),
              values);
  } catch (const po::error& error) {
    throw UserError("deepfog config", error.what(), "deepfog config --help");
  }
  return values.count("config") == 0 ? "" : config_option(values);
}

struct NamedValue {
  std::string name, value;
};

/// "verb", then SECTION.KEY of all effective values.
std::vector<NamedValue> values_in_force(const Invocation& invocation,
                                        const std::vector<std::string>& options) {
  const std::string path = config_path(options);
  Invocation inner = invocation;
  inner.arguments = options;
  inner.verb = path.empty() ? "infer" : verb_for(path);  // the only verb that needs no config file
  const bool weights = std::any_of(options.begin(), options.end(), [](const std::string& option) {
    return option.compare(0, 9, "--weights") == 0;
  });
  if (path.empty() && !weights)
    throw UserError("deepfog config", "no config file given", "--config FILE, or --weights FILE");
  const auto effective = inner.verb == "partition" ? partition_settings(inner)
                         : inner.verb == "infer"   ? infer_settings(inner)
                                                   : run_settings(inner);
  std::vector<NamedValue> values{{"verb", inner.verb}};
  for (const EffectiveSetting& setting : effective.value()) {
    if (!setting.where.empty()) values.push_back({setting.section + "." + setting.key, setting.value});
  }
  return values;
}

std::string answer(const Query& query, const Invocation& invocation) {
  const std::string end(1, query.null ? '\0' : '\n');
  std::string text;
  if (query.action == "verb") {
    std::vector<std::string> paths = query.words;
    if (const std::string path = config_path(query.options); !path.empty()) paths.push_back(path);
    if (paths.empty())
      throw UserError("deepfog config verb", "no config file given", "deepfog config verb FILE");
    for (const std::string& path : paths) text += verb_for(path) + end;
    return text;
  }
  const auto values = values_in_force(invocation, query.options);
  if (query.action == "list") {
    if (!query.words.empty())
      throw UserError("deepfog config list", query.words[0] + " is not an option", "get takes keys");
    for (const NamedValue& one : values) text += one.name + "=" + one.value + end;
    return text;
  }
  if (query.words.empty()) throw UserError("deepfog config get", "no key given", "a key that list prints");
  for (const std::string& key : query.words) {
    bool found = false;
    for (const NamedValue& one : values) {
      if (::fnmatch(key.c_str(), one.name.c_str(), 0) != 0) continue;
      found = true;
      text += one.value + end;
    }
    if (found) continue;
    std::vector<std::string> names;
    for (const NamedValue& one : values) names.push_back(one.name);
    const std::string nearest = nearest_name(key, names);
    throw UserError("deepfog config get " + key, "no such value",
                    nearest.empty() ? "deepfog config list names all" : "did you mean " + nearest + "?");
  }
  return text;
}

}  // namespace

ExitCode config_verb(const Invocation& invocation) {
  const Query query = read_query(invocation.arguments);
  if (query.help) {
    Invocation help = invocation;
    help.arguments = {"--help"};
    parse_options(help, describe_options(), "", kUsage, kExample);
    return ExitCode::good;
  }
  const std::vector<std::string> actions{"get", "list", "verb"};
  if (std::find(actions.begin(), actions.end(), query.action) == actions.end()) {
    throw UserError("deepfog config " + query.action,
                    query.action.empty() ? "nothing asked" : "unknown question",
                    listing(actions) + " allowed");
  }
  const std::string text = answer(query, invocation);
  std::cout << text;
  return ExitCode::good;
}

}  // namespace deepfog
