#include <algorithm>
#include <iostream>

#include "cli/options.hpp"
#include "results/failed_runs.hpp"
#include "results/results_file.hpp"
#include "results/verify.hpp"

namespace deepfog {
namespace po = boost::program_options;
namespace {

/// Prints what is wrong with one file; returns its exit code.
ExitCode verify_file(const std::string& path) {
  const Results results = read_results(path);
  const auto reasons = verify(results);
  std::size_t models = 0;
  for (const auto& experiment : results.experiments) models += experiment.models.size();
  const std::string status = status_of(results);
  std::string word = "VALID", valid = "1";
  ExitCode code = ExitCode::good;
  if (!reasons.empty()) {
    word = "INVALID";
    valid = "0";
    code = ExitCode::invalid;
  } else if (status == failed_runs_status) {
    word = "COMPLETE WITH FAILED RUNS";
    valid = "0";
    code = ExitCode::failed;
  } else if (unfinished(status)) {
    word = "UNFINISHED (" + status + ")";
    valid = "unknown";
    code = ExitCode::interrupted;
  }
  std::cout << path << ": " << word << "\n";
  for (const auto& line : failed_run_lines(results)) std::cout << "  failed: " << line << "\n";
  for (const auto& reason : reasons) std::cout << "  " << reason << "\n";
  std::cout << "RESULT verify=" << path << " valid=" << valid << " status=" << status
            << " experiments=" << results.experiments.size() << " models=" << models
            << " reasons=" << reasons.size() << "\n";
  return code;
}

/// Rank of an exit code; the worst of several files decides.
int gravity(ExitCode code) {
  return code == ExitCode::invalid ? 3 : code == ExitCode::failed ? 2 : code == ExitCode::interrupted ? 1 : 0;
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
      "topologies, Equation 3, probabilities, schema.\n\n"
      "  state (RESULT ... valid= status=)             exit code\n"
      "  VALID: complete and nothing is wrong (1)      0\n"
      "  COMPLETE WITH FAILED RUNS, named (0)          1\n"
      "  INVALID, with what is wrong (0)               3\n"
      "  UNFINISHED: running, interrupted or a share;  75, the same command (of shares: merge) goes on\n"
      "              nothing is wrong so far (unknown)\n\n"
      "Of several files the worst decides: 3, 1, 75, 0.\n",
      "  deepfog verify results/quickstart.h5\n");
  if (!values) return ExitCode::good;
  if (values->count("file") == 0)
    throw UserError("deepfog verify", "no file given", "deepfog verify FILE...");
  ExitCode worst = ExitCode::good;
  for (const auto& path : (*values)["file"].as<std::vector<std::string>>())
    worst = std::max(worst, verify_file(path), [](auto a, auto b) { return gravity(a) < gravity(b); });
  return worst;
}

}  // namespace deepfog
