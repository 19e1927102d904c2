#include <algorithm>
#include <iostream>

#include "campaign/verify.hpp"
#include "cli/options.hpp"
#include "storage/results_file.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

/// Prints what is wrong with one file; true when nothing is.
bool verify_file(const std::string& path) {
  const Results results = read_results(path);
  const auto reasons = verify(results);
  std::size_t models = 0;
  for (const auto& experiment : results.experiments) models += experiment.models.size();
  const auto status = results.text.find("status");
  std::cout << path << ": " << (reasons.empty() ? "VALID" : "INVALID") << "\n";
  for (const auto& reason : reasons) std::cout << "  " << reason << "\n";
  std::cout << "RESULT verify=" << path << " valid=" << reasons.empty()
            << " status=" << (status == results.text.end() ? "unknown" : status->second)
            << " experiments=" << results.experiments.size() << " models=" << models
            << " reasons=" << reasons.size() << "\n";
  return reasons.empty();
}

}  // namespace

ExitCode verify_verb(const Invocation& invocation) {
  po::options_description options("options");
  options.add_options()("help,h", "this text")("file", po::value<std::vector<std::string>>(),
                                               "results files (also without --file)");
  const auto values = parse_options(
      invocation, options, "file",
      "usage: deepfog verify FILE...\n\n"
      "Checks every invariant of results files: counts, accuracies, flow against the stored\n"
      "topologies, Equation 3, probabilities, schema. VALID, or what is wrong and exit code 3.\n",
      "  deepfog verify results/quickstart.h5\n");
  if (!values) return ExitCode::good;
  if (values->count("file") == 0)
    throw UserError("deepfog verify", "no file given", "deepfog verify FILE...");
  bool valid = true;
  for (const auto& path : (*values)["file"].as<std::vector<std::string>>())
    valid = verify_file(path) && valid;
  return valid ? ExitCode::good : ExitCode::invalid;
}

}  // namespace deepfog
