// fuzz_readers [--from N] [--folder DIR] [--keep FILE] INPUTS [READER ...]: damaged inputs for everything
// that reads a file, input N always the same for a reader. Violations: a crash or a sanitizer's report, an
// exception that is neither UserError nor Failure, a finding of verify that is no line of text, 10 s of
// processor time or 20 minutes of the clock (a read that waits) for one input, an allocation of 1 GiB.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <thread>

#include "core/error.hpp"
#include "fuzz.hpp"

namespace deepfog::fuzz {
namespace {

constexpr int kSeconds = 10;         // of processor time for an input
constexpr int kTimeout = 1200;       // of the clock: a starved machine is no finding, a wait without end is
constexpr int kMostViolations = 50;  // of one reader, then it is given up

constexpr std::int64_t kBlock = 256;  // inputs that are made, then read

/// What a worker tells its parent, in memory that both see.
struct Progress {
  volatile std::int64_t input = 0;     ///< at work
  volatile std::int64_t accepted = 0;  ///< reads that no error ended
};
Progress* progress = nullptr;

void out_of_time(int) {
  constexpr char text[] = "too long for one input\n";
  _exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? 99 : 98);
}

void give_time() {
  itimerval timer{};
  timer.it_value.tv_sec = kSeconds;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

using Work = std::function<void(std::int64_t input)>;

/// Waits for a worker, which is killed when it stays with one input. @return its status
int outcome_of(pid_t worker) {
  std::int64_t last = -1;
  auto since = std::chrono::steady_clock::now();
  for (int status = 0;;) {
    if (waitpid(worker, &status, WNOHANG) == worker) return status;
    const auto now = std::chrono::steady_clock::now();
    if (progress->input != last) {
      last = progress->input;
      since = now;
    } else if (now - since > std::chrono::seconds(kTimeout)) {
      std::cerr << "no end of one input\n";
      kill(worker, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Does the work for inputs from `first` to before `end` in a process of its own, in a new one after each
/// that it dies of. Calls `died` with the input and the status.
void in_worker(std::int64_t first, std::int64_t end, const Work& work,
               const std::function<void(std::int64_t, int)>& died) {
  while (first < end) {
    progress->input = first;
    std::fflush(nullptr);
    const pid_t worker = fork();
    if (worker < 0) throw Failure("no worker can be started");
    if (worker == 0) {
      std::signal(SIGPROF, out_of_time);
      try {
        for (; first < end; ++first) {
          progress->input = first;
          give_time();
          work(first);
        }
      } catch (const std::exception& error) {
        std::fprintf(stderr, "exception: %s\n", error.what());
        _exit(97);
      }
      _exit(0);
    }
    const int status = outcome_of(worker);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    died(progress->input, status);
    first = progress->input + 1;
  }
}

/// Inputs are made in one process and read in another: what HDF5 does to itself when it writes odd files is
/// no finding. @return violations
int fuzz(const NamedReader& named, const std::string& folder, std::int64_t first, std::int64_t inputs,
         const std::string& keep) {
  int violations = 0, not_made = 0;
  *progress = {};
  const auto begin = std::chrono::steady_clock::now();
  const auto reader = named.open(folder);
  const auto path = [&](std::int64_t input) { return folder + "/input" + std::to_string(input % kBlock); };
  const std::int64_t end = first + inputs;
  std::int64_t next = first;
  for (; next < end && violations < kMostViolations; next = std::min(end, next + kBlock)) {
    const std::int64_t block_end = std::min(end, next + kBlock);
    in_worker(
        next, block_end,
        [&](std::int64_t input) {
          RandomStream draw(derive_seed(static_cast<std::uint64_t>(input), "fuzz", named.name, 0, "input"));
          reader->make(draw, path(input));
          if (!keep.empty()) write_bytes(keep, read_bytes(path(input)));
        },
        [&](std::int64_t input, int) {
          ++not_made;
          std::filesystem::remove(path(input));
        });
    in_worker(
        next, block_end,
        [&](std::int64_t input) {
          if (std::filesystem::exists(path(input))) reader->read(path(input));
        },
        [&](std::int64_t input, int status) {
          ++violations;
          const bool killed = WIFSIGNALED(status);
          std::printf("FINDING reader=%s input=%lld %s=%d (the inputs before it: from %lld)\n",
                      named.name.c_str(), static_cast<long long>(input), killed ? "signal" : "exit",
                      killed ? WTERMSIG(status) : WEXITSTATUS(status), static_cast<long long>(next));
        });
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf(
      "RESULT fuzz reader=%s inputs=%lld from=%lld accepted=%lld not_made=%d findings=%d seconds=%.0f\n",
      named.name.c_str(), static_cast<long long>(next - first), static_cast<long long>(first),
      static_cast<long long>(progress->accepted), not_made, violations, seconds.count());
  return violations;
}

int run(const std::vector<std::string>& arguments) {
  std::int64_t first = 0, inputs = -1;
  std::string folder, keep;
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--from" && i + 1 < arguments.size()) {
      first = std::stoll(arguments[++i]);
    } else if (word == "--folder" && i + 1 < arguments.size()) {
      folder = arguments[++i];
    } else if (word == "--keep" && i + 1 < arguments.size()) {
      keep = arguments[++i];
    } else if (inputs < 0) {
      inputs = std::stoll(word);
    } else {
      wanted.push_back(word);
    }
  }
  if (inputs < 0) throw UserError("fuzz_readers", "no number of inputs", "fuzz_readers INPUTS [READER ...]");
  std::vector<NamedReader> readers;
  for (const auto& part : {hdf5_readers(), log_readers(), text_readers()}) {
    readers.insert(readers.end(), part.begin(), part.end());
  }
  int violations = 0;
  std::size_t known = 0;
  for (const NamedReader& reader : readers) {
    const auto asked = std::count(wanted.begin(), wanted.end(), reader.name);
    known += static_cast<std::size_t>(asked);
    if (asked == 0 && !wanted.empty()) continue;
    const std::string own = folder + "/" + reader.name;
    std::filesystem::remove_all(own);
    std::filesystem::create_directories(own);
    violations += fuzz(reader, own, first, inputs, keep);
  }
  if (known != wanted.size()) throw UserError("fuzz_readers", "an unknown reader");
  return violations == 0 ? 0 : 1;
}

}  // namespace

std::string read_bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << bytes;
  stream.close();
  if (!stream) throw Failure(path + ": cannot be written");
}

void check_line(const std::string& message) {
  for (const char envelope : message) {
    if (static_cast<unsigned char>(envelope) < ' ' || envelope == '\x7f') {
      throw std::logic_error("a line with control characters: " + message);
    }
  }
}

bool answered(const std::function<void()>& call) {
  try {
    call();
    progress->accepted = progress->accepted + 1;
    return true;
  } catch (const UserError&) {
  } catch (const Failure&) {
  }
  return false;
}

}  // namespace deepfog::fuzz

// What AddressSanitizer limits itself (max_allocation_size_mb) is limited here in an ordinary build: 1 GiB
// more than the program has with its libraries. In both, malloc() returns null beyond it, since HDF5 asks
// for what a damaged size says and copes with a refusal; `new` is a finding.
#if !defined(__SANITIZE_ADDRESS__)
void limit_memory() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{1} << 30);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}
#else
void limit_memory() {}
extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=1024:hard_rss_limit_mb=3072:detect_leaks=0:allocator_may_return_null=1:"
         "quarantine_size_mb=16:handle_abort=1:detect_stack_use_after_return=0";
}
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:print_stacktrace=1";
}
#endif

int main(int argc, char** argv) {
  using namespace deepfog;
  std::string scratch;
  try {
    limit_memory();
    fuzz::progress = static_cast<fuzz::Progress*>(
        mmap(nullptr, sizeof(fuzz::Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    if (fuzz::progress == MAP_FAILED) throw Failure("no shared memory");
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool own = std::find(arguments.begin(), arguments.end(), "--folder") == arguments.end();
    if (own) {
      const bool memory = std::filesystem::exists("/dev/shm");
      scratch = std::string(memory ? "/dev/shm" : "/tmp") + "/deepfog-fuzz-XXXXXX";
      if (mkdtemp(scratch.data()) == nullptr) throw Failure(scratch + ": cannot be made");
      arguments.insert(arguments.begin(), {"--folder", scratch});
    }
    const int code = fuzz::run(arguments);
    if (own) std::filesystem::remove_all(scratch);
    return code;
  } catch (const std::exception& error) {
    std::cerr << "fuzz_readers: error: " << error.what() << '\n';
    if (!scratch.empty()) std::filesystem::remove_all(scratch);
    return 2;
  }
}
