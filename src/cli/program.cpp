#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "cli/verb.hpp"
#include "core/build_info.hpp"
#include "core/spelling.hpp"

namespace deepfog {
namespace {

void print_help(const std::vector<Verb>& verbs) {
  std::cout << "deepfog: what happens to a distributed neural network when machines fail\n\nusage: deepfog "
               "VERB [options]\n\n";
  for (const auto& verb : verbs) {
    std::cout << "  " << verb.name << std::string(10 - verb.name.size(), ' ') << verb.summary << "\n";
  }
  std::cout
      << "\n  deepfog VERB --help   options and an example\n  deepfog --version     version and sources\n\n"
         "exit codes: 0 good, 1 failed, 2 the input is wrong, 3 result INVALID, 75 interrupted (same command "
         "resumes)\n";
}

void print_version() {
  const auto& build = build_info();
  std::cout << "deepfog " << build.version << " (" << build.git_sha << (build.git_dirty ? ", modified" : "")
            << ", " << build.compiler << ")\n";
}

ExitCode dispatch(const Invocation& invocation, const std::vector<Verb>& verbs) {
  const bool speaks = launched_rank() == 0;
  if (invocation.verb == "--help" || invocation.verb == "-h") {
    if (speaks) print_help(verbs);
    return ExitCode::good;
  }
  if (invocation.verb == "--version") {
    if (speaks) print_version();
    return ExitCode::good;
  }
  std::vector<std::string> names;
  for (const auto& verb : verbs) {
    if (verb.name == invocation.verb) return verb.run(invocation);
    names.push_back(verb.name);
  }
  if (invocation.verb.empty()) throw UserError("deepfog", "no verb given", listing(names) + " allowed");
  names.insert(names.end(), {"--help", "--version"});
  const std::string nearest = nearest_name(invocation.verb, names);
  throw UserError(invocation.verb, "unknown verb",
                  nearest.empty() ? listing(names) + " allowed" : "did you mean " + nearest + "?");
}

/// The first rank to leave with an error makes the launcher end the others: rank 0 must have spoken by then.
constexpr std::chrono::seconds kSpeakersLead{2};

}  // namespace

int launched_rank() {
  // A batch script has SLURM_PROCID = 0, and so have the daemons mpirun starts under Slurm: the library's own
  // first.
  for (const char* name :
       {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID"}) {
    if (const char* text = std::getenv(name)) return std::atoi(text);
  }
  return 0;
}

int run_program(int argc, char** argv, const std::vector<Verb>& verbs) {
  Invocation invocation;
  invocation.verbs = &verbs;
  if (argc > 1) invocation.verb = argv[1];
  if (argc > 2) invocation.arguments.assign(argv + 2, argv + argc);
  for (int i = 0; i < argc; ++i) invocation.command_line += (i == 0 ? "" : " ") + std::string(argv[i]);
  try {
    const ExitCode code = dispatch(invocation, verbs);
    std::cout.flush();
    if (!std::cout) throw Failure("standard output cannot be written");
    return static_cast<int>(code);
  } catch (const UserError& error) {
    // The same input is wrong on every rank: said once.
    if (launched_rank() == 0) {
      std::cerr << "deepfog: error: " << error.what() << std::endl;
    } else {
      std::this_thread::sleep_for(kSpeakersLead);
    }
    return static_cast<int>(ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::cerr << "deepfog: error: " << error.what() << std::endl;
    return static_cast<int>(ExitCode::failed);
  }
}

}  // namespace deepfog
