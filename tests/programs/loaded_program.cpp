// The whole program, loaded once and forked for each call: loading LibTorch with all it needs takes half a
// second of a core, a hundred times that in a test of bad input. A call is a list of strings on standard
// input, each ended by a zero: how many there are, the folder, the files of standard output and error, the
// arguments with the program's name first. The answer is the exit code in a line, or minus the signal.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#define main program_main
#include "main.cpp"
#undef main

namespace {

[[noreturn]] void give_up(const char* what) {
  std::cerr << "loaded_program: " << what << std::endl;
  _exit(126);
}

std::string next_string() {
  std::string text;
  if (!std::getline(std::cin, text, '\0')) give_up("a call that breaks off");
  return text;
}

void redirect(const char* path, int flags, int to) {
  const int file = open(path, flags, 0600);
  if (file < 0 || dup2(file, to) < 0) give_up(path);
  close(file);
}

[[noreturn]] void call(std::vector<std::string> words) {
  if (chdir(words[0].c_str()) != 0) give_up("no such folder");
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(words[1].c_str(), O_WRONLY | O_APPEND, STDOUT_FILENO);
  redirect(words[2].c_str(), O_WRONLY | O_APPEND, STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::size_t i = 3; i < words.size(); ++i) arguments.push_back(words[i].data());
  const int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  exit(program_main(count, arguments.data()));
}

}  // namespace

int main() {
  std::string count;
  while (std::getline(std::cin, count, '\0')) {
    std::vector<std::string> words(std::stoul(count));
    for (std::string& word : words) word = next_string();
    if (words.size() < 4) give_up("a call without a program's name");
    const pid_t child = fork();
    if (child < 0) give_up("cannot fork");
    if (child == 0) call(std::move(words));
    int status = 0;
    if (waitpid(child, &status, 0) != child) give_up("the call is lost");
    std::cout << (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)) << std::endl;
  }
}
