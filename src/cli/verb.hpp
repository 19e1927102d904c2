#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace deepfog {

struct Verb;

/// How the program was called, starting at the verb.
struct Invocation {
  std::string verb;
  std::vector<std::string> arguments;  ///< after the verb
  std::string command_line;            ///< the whole command line without secrets, for records
  std::string typed;                   ///< the whole command line as typed, for hints on the terminal
  const std::vector<Verb>* verbs = nullptr;
};

/// A command of the program; main.cpp holds the table, and each verb has its own file.
struct Verb {
  std::string name, summary;
  ExitCode (*run)(const Invocation&);
  bool uses_mpi = false;  ///< runs on all ranks of a launch, of which one prints; other verbs do not know
                          ///< ranks
};

ExitCode run_verb(const Invocation& invocation);        ///< train and sweep a campaign
ExitCode infer_verb(const Invocation& invocation);      ///< a distributed run with one rank per physical node
ExitCode partition_verb(const Invocation& invocation);  ///< cut a network over devices, sweep their failures
ExitCode merge_verb(const Invocation& invocation);      ///< combine the shards of a campaign
ExitCode status_verb(const Invocation& invocation);     ///< progress of a campaign
ExitCode analyze_verb(const Invocation& invocation);    ///< answers from a results file
ExitCode verify_verb(const Invocation& invocation);     ///< check results files
ExitCode config_verb(const Invocation& invocation);     ///< effective values, for scripts
ExitCode list_verb(const Invocation& invocation);       ///< what is available to run

/// For verbs that use MPI, before it starts: the rank of this process if a living launcher has started it
/// directly, so that only rank 0 prints; 0 for every other process. Once MPI runs, its rank decides.
int launched_rank();

/// Whether this process prints what all processes of a launch would print: rank 0 of a verb that uses MPI,
/// and every process of any other verb.
bool speaks_for_all(const Invocation& invocation);

/// Prints "deepfog: error: " and the message to standard error; control characters in it become '?'.
void say_error(const std::string& message);

/// The whole program: finds the verb, handles --help and --version, and turns errors into one line and an
/// exit code.
int run_program(int argc, char** argv, const std::vector<Verb>& verbs);

}  // namespace deepfog
