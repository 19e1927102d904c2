#include "distributed/rank_interfaces.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <string>

#include "core/error.hpp"
#include "distributed/simulation.hpp"

namespace deepfog {

namespace {

/// Waits, then continues the process until it is seen to run: a single signal would be lost on a process that
/// has not stopped yet.
void wake_after(pid_t process, std::int64_t length_us, int life) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto us = [](const timespec& time) {
    return time.tv_sec * std::int64_t{1'000'000} + time.tv_nsec / 1000;
  };
  const std::int64_t due_us = us(now) + length_us;
  pollfd end{life, POLLIN, 0};
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t left_us = std::max<std::int64_t>(due_us - us(now), 0);
    const timespec pause{static_cast<time_t>(left_us / 1'000'000),
                         static_cast<long>(left_us % 1'000'000 * 1000)};
    const timespec again{0, 1'000'000};
    if (ppoll(&end, 1, left_us > 0 ? &pause : &again, nullptr) > 0) return;
    if (left_us == 0) kill(process, SIGCONT);
  }
}

}  // namespace

RankEngine::RankEngine(const Job& job, int node) {
  if (job.origin.cut) {
    cut_.emplace(cut_node_of(job, node));
  } else if (job.spec.kernels == "packed" && PackedNode::fits(job.topology, node)) {
    packed_.emplace(job.topology, node, job.weights_of(node), job.spec.weights);
  } else {
    network_.emplace(job.topology, node, job.weights_of(node), job.spec.weights);
  }
}

bool RankEngine::run(int stage, const std::vector<const float*>& inputs, std::int64_t rows,
                     std::vector<float>& output, const std::function<void()>& between) {
  if (cut_) return cut_->run(stage, inputs, rows, output, between);
  if (packed_) return packed_->run(stage, inputs, rows, output, between);
  return network_->run(stage, inputs, rows, output, between);
}

RankSamples::RankSamples(const Job& job, const NodeLinks& node_links, std::int64_t most_bytes)
    : columns_(job.columns),
      wired_(job.columns.size(), false),
      values_(job.columns.size()),
      window_(job, most_bytes) {
  for (int k = 0; k < static_cast<int>(node_links.stages().size()); ++k) {
    for (const IncomingLink& in : node_links.incoming(k)) {
      if (in.source >= 0) wired_[static_cast<std::size_t>(in.source)] = true;
    }
  }
  // Read now: if it takes long, nobody waits for a round yet.
  if (std::find(wired_.begin(), wired_.end(), true) != wired_.end()) take(0, 1);
}

/// Reads the columns of each connected source, row by row, for all rows in memory.
void RankSamples::take(std::int64_t first, std::int64_t rows) {
  window_.rows(first, rows);
  const SampleSet& set = window_.set();
  begin_ = window_.begin();
  size_ = set.size();
  for (std::size_t source = 0; source < columns_.size(); ++source) {
    if (!wired_[source]) continue;
    values_[source].clear();
    for (std::int64_t row = 0; row < size_; ++row) {
      const float* at = set.values.data() + row * set.features;
      values_[source].insert(values_[source].end(), at + columns_[source].begin, at + columns_[source].end);
    }
  }
  window_.forget();
}

const float* RankSamples::rows(int source, std::int64_t first, std::int64_t rows) {
  if (first < begin_ || first + rows > begin_ + size_) take(first, rows);
  const auto index = static_cast<std::size_t>(source);
  return values_[index].data() + (first - begin_) * (columns_[index].end - columns_[index].begin);
}

void RankMachine::crash() {
  raise(SIGKILL);
}

void RankMachine::hang(std::int64_t length_us) {
  const pid_t self = getpid();
  int life[2];  // signals the child when this process runs again or dies
  if (pipe2(life, O_CLOEXEC) != 0) throw Failure("hang: no pipe to be had");
  const pid_t child = fork();
  if (child < 0) throw Failure("hang: no process to be had that would end it");
  if (child == 0) {  // only async-signal-safe calls: the parent's threads and MPI do not exist here
    close(life[1]);
    wake_after(self, length_us, life[0]);
    _exit(0);
  }
  close(life[0]);
  raise(SIGSTOP);
  close(life[1]);
  waitpid(child, nullptr, 0);  // when it ends
}

}  // namespace deepfog
