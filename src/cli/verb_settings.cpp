#include "cli/verb_settings.hpp"

#include "cli/settings_text.hpp"

namespace deepfog {
namespace po = boost::program_options;

void add_print_option(po::options_description& options) {
  options.add_options()(
      "print-config", po::value<std::string>()->implicit_value("ini"),
      "print the values in force and where each came from, as INI text or =json; do nothing");
}

std::string printed_settings(const std::string& verb, const std::vector<EffectiveSetting>& effective,
                             const std::string& form) {
  if (form == "ini") return settings_text(effective);
  if (form == "json") return settings_json(verb, effective);
  throw UserError("--print-config=" + form, "unknown form", "ini, json allowed");
}

}  // namespace deepfog
