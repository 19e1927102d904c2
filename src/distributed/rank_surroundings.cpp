#include "distributed/rank_surroundings.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <string>

#include "core/error.hpp"

namespace deepfog {

RankEngine::RankEngine(const Job& job, int node)
    : network_(job.topology, node,
               load_node_weights(job.spec.weights, job.topology.nodes()[static_cast<std::size_t>(node)].name),
               job.spec.weights) {}

bool RankEngine::run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                     std::vector<float>& output, const std::function<void()>& between) {
  return network_.run(stage, inputs, rows, output, between);
}

RankSamples::RankSamples(const Job& job, const Wiring& wiring) : values_(job.columns.size()) {
  SampleSet set;
  for (const Columns& columns : job.columns) widths_.push_back(columns.end - columns.begin);
  for (int k = 0; k < static_cast<int>(wiring.stages().size()); ++k) {
    for (const IncomingLink& in : wiring.incoming(k)) {
      if (in.source < 0) continue;
      const auto source = static_cast<std::size_t>(in.source);
      if (!values_[source].empty()) continue;
      if (set.features == 0) set = job.read_samples();
      for (std::int64_t row = 0; row < set.size(); ++row) {
        const float* at = set.values.data() + row * set.features;
        values_[source].insert(values_[source].end(), at + job.columns[source].begin,
                               at + job.columns[source].end);
      }
    }
  }
}

const float* RankSamples::rows(int source, std::int64_t first, std::int64_t) {
  const auto index = static_cast<std::size_t>(source);
  return values_[index].data() + first * widths_[index];
}

void RankMachine::crash() {
  raise(SIGKILL);
}

void RankMachine::hang(std::int64_t length_us) {
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child < 0) throw Failure("hang: no process to be had that would end it");
  if (child == 0) {  // only async-signal-safe calls: the parent's threads and MPI are not here
    timespec left{static_cast<time_t>(length_us / 1'000'000),
                  static_cast<long>(length_us % 1'000'000 * 1000)};
    while (nanosleep(&left, &left) != 0) {
    }
    kill(self, SIGCONT);
    _exit(0);
  }
  raise(SIGSTOP);
  waitpid(child, nullptr, 0);  // it has just sent its signal
}

}  // namespace deepfog
