#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "cli/verb.hpp"
#include "core/build_info.hpp"
#include "core/launch.hpp"
#include "core/secrets.hpp"
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
         "exit codes: 0 good, 1 failed (of a campaign: some runs, the others are done), 2 the input is "
         "wrong,\n"
         "3 result INVALID, 75 unfinished (the same command resumes)\n";
}

void print_version() {
  const auto& build = build_info();
  std::cout << "deepfog " << build.version << " (" << build.git_sha << (build.git_dirty ? ", modified" : "")
            << ", " << build.compiler << ")\n";
}

ExitCode dispatch(const Invocation& invocation, const std::vector<Verb>& verbs) {
  if (invocation.verb == "--help" || invocation.verb == "-h") {
    print_help(verbs);
    return ExitCode::good;
  }
  if (invocation.verb == "--version") {
    print_version();
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

/// The first rank that exits with an error makes the launcher end the others, so rank 0 must have printed by
/// then.
constexpr std::chrono::seconds kSpeakersLead{2};

}  // namespace

bool speaks_for_all(const Invocation& invocation) {
  const bool uses_mpi =
      invocation.verbs != nullptr &&
      std::any_of(invocation.verbs->begin(), invocation.verbs->end(),
                  [&](const Verb& verb) { return verb.name == invocation.verb && verb.uses_mpi; });
  return !uses_mpi || launched_rank() == 0;
}

int launched_rank() {
  const Launch launch = find_launch(surroundings());
  return launch.direct ? launch.rank : 0;
}

void say_error(const std::string& message) {
  constexpr char list_line[] = "\n ";  // of lists that the program itself prints
  std::string text;
  for (std::size_t begin = 0; begin != std::string::npos;) {
    const std::size_t end = message.find(list_line, begin + 1);
    const std::size_t first = begin == 0 ? 0 : begin + 1;
    text += (begin == 0 ? "" : "\n") + one_line(message.substr(first, end - first));
    begin = end;
  }
  std::cerr << "deepfog: error: " << text << std::endl;
}

int run_program(int argc, char** argv, const std::vector<Verb>& verbs) {
  Invocation invocation;
  invocation.verbs = &verbs;
  if (argc > 1) invocation.verb = argv[1];
  if (argc > 2) invocation.arguments.assign(argv + 2, argv + argc);
  for (int i = 0; i < argc; ++i) invocation.typed += (i == 0 ? "" : " ") + std::string(argv[i]);
  invocation.command_line = without_secrets(std::vector<std::string>(argv, argv + argc));
  try {
    const ExitCode code = dispatch(invocation, verbs);
    std::cout.flush();
    if (!std::cout) throw Failure("standard output cannot be written");
    return static_cast<int>(code);
  } catch (const UserError& error) {
    // The same input is wrong on every rank, so it is reported once. Without MPI every process has its own
    // input.
    if (speaks_for_all(invocation)) {
      say_error(error.what());
    } else {
      std::this_thread::sleep_for(kSpeakersLead);
    }
    return static_cast<int>(ExitCode::bad_input);
  } catch (const std::exception& error) {
    say_error(error.what());
    return static_cast<int>(ExitCode::failed);
  }
}

}  // namespace deepfog
