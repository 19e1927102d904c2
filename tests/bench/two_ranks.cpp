// One sweep over fixed sample blocks by all ranks against the same by the first alone, in turns in one job,
// one thread a rank. Counts must be equal.
#include <algorithm>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "comm/communicator.hpp"
#include "comm/environment.hpp"
#include "evaluation/diagram_sweep.hpp"
#include "program.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

constexpr std::int64_t kMemory = std::int64_t{1} << 30;
constexpr std::int64_t kBlock = 512;  // samples

using Counts = std::vector<std::int64_t>;

/// Correct predictions a class over the blocks `first`, first + step, ... of the test set.
Counts sweep_blocks(const Case& subject, std::int64_t first, std::int64_t step) {
  const Diagram diagram(subject.topology);
  DiagramSweep sweep(subject.topology, subject.columns, subject.weights, diagram.stages(), false, kMemory);
  const std::int64_t samples = subject.dataset.test.size();
  for (std::int64_t begin = first * kBlock; begin < samples; begin += step * kBlock)
    sweep.add(view(subject.dataset.test, begin, std::min(samples, begin + kBlock)));
  return sweep.counts().correct;
}

std::string to_text(const Counts& counts) {
  std::ostringstream text;
  for (const std::int64_t count : counts) text << count << ' ';
  return text.str();
}

void add(Counts& sum, const std::string& counts) {
  std::istringstream text(counts);
  for (std::int64_t& total : sum) {
    std::int64_t count = 0;
    if (!(text >> count)) throw std::runtime_error("a rank sent too few counts");
    total += count;
  }
}

/// The most processor time that a rank took, on the first.
double slowest(double cpu_seconds, const Communicator& world) {
  double most = 0;
  for (const std::string& text : gather(world, std::to_string(cpu_seconds)))
    most = std::max(most, std::stod(text));
  return most;
}

/// The first rank alone; the others wait, asleep most of the time.
Counts alone(const Case& subject, const Communicator& world) {
  Counts counts;
  if (world.rank() == 0) counts = sweep_blocks(subject, 0, 1);
  barrier(world);
  return counts;
}

/// All ranks; the sum on the first.
Counts fused_trainer(const Case& subject, const Communicator& world) {
  const Counts own = sweep_blocks(subject, world.rank(), world.size());
  Counts sum(own.size(), 0);
  for (const std::string& part : gather(world, to_text(own))) add(sum, part);
  return sum;
}

int two_ranks(const std::vector<std::string>& arguments) {
  const Communicator world = Communicator::world();
  const Case subject = load_case(arguments[0], arguments[1], arguments[2]);
  std::vector<double> one, all, ratio, cpu_ratio;
  bool equal = true;
  alone(subject, world);  // touches every page once
  fused_trainer(subject, world);
  for (int round = 0; round < kRounds; ++round) {
    barrier(world);
    const Timer timer;
    const Counts expected = alone(subject, world);
    one.push_back(timer.seconds());
    const double one_cpu = slowest(timer.cpu_seconds(), world);
    barrier(world);
    const Timer again;
    const Counts counts = fused_trainer(subject, world);
    all.push_back(again.seconds());
    const double all_cpu = slowest(again.cpu_seconds(), world);
    if (world.rank() == 0) cpu_ratio.push_back(one_cpu / all_cpu);
    ratio.push_back(one.back() / all.back());
    equal = equal && (world.rank() != 0 || counts == expected);
  }
  if (world.rank() == 0) {
    std::printf(
        "RESULT bench=two_ranks network=%s ranks=%d speedup=%.3f cpu_speedup=%.3f equal=%d seconds=%.4f "
        "one_rank_seconds=%.4f "
        "block=%lld blocks=%lld samples=%lld rounds=%d threads=1\n",
        subject.topology.name().c_str(), world.size(), median(ratio), median(cpu_ratio), int(equal),
        median(all), median(one), static_cast<long long>(kBlock),
        static_cast<long long>((subject.test().size + kBlock - 1) / kBlock),
        static_cast<long long>(subject.test().size), kRounds);
  }
  return equal ? 0 : 1;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  const deepfog::Environment environment(argc, argv);
  const int code = deepfog::bench::run(argc, argv, 3, "bench_two_ranks TOPOLOGY DATASET WEIGHTS",
                                       deepfog::bench::two_ranks);
  if (code != 0) deepfog::end_all_ranks(code);  // the others may be waiting for this one
  return 0;
}
