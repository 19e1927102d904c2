#include "cli/options.hpp"

#include <iostream>

#include "core/error.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

[[noreturn]] void unknown_option(const std::string& name, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  const std::string nearest = nearest_name(name, names);
  throw UserError(name, "unknown option",
                  nearest.empty() ? listing(names) + " allowed" : "did you mean " + nearest + "?");
}

po::variables_map parse(const Invocation& invocation, const po::options_description& options,
                        const std::string& positional) {
  // No prefixes of options are accepted: scripts must keep their meaning when options are added.
  const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::positional_options_description places;
  if (!positional.empty()) places.add(positional.c_str(), -1);
  po::variables_map values;
  po::store(
      po::command_line_parser(invocation.arguments).options(options).positional(places).style(style).run(),
      values);
  if (values.count("help") == 0) po::notify(values);  // without --help, required options must be given
  return values;
}

}  // namespace

std::optional<po::variables_map> parse_options(const Invocation& invocation,
                                               const po::options_description& options,
                                               const std::string& positional, const std::string& usage,
                                               const std::string& example) {
  try {
    auto values = parse(invocation, options, positional);
    if (values.count("help") == 0) return values;
  } catch (const po::unknown_option& error) {
    unknown_option(error.get_option_name(), options);
  } catch (const po::too_many_positional_options_error&) {
    throw UserError("deepfog " + invocation.verb, "an argument without option",
                    "deepfog " + invocation.verb + " --help");
  } catch (const po::error_with_option_name& error) {
    throw UserError("deepfog " + invocation.verb, error.what(), "deepfog " + invocation.verb + " --help");
  } catch (const po::error& error) {
    throw UserError("deepfog " + invocation.verb, error.what(), "deepfog " + invocation.verb + " --help");
  }
  if (speaks_for_all(invocation)) std::cout << usage << "\n" << options << "\nexample:\n" << example;
  return std::nullopt;
}

}  // namespace deepfog
