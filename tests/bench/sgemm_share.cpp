// Operations a second of the diagram engine on the work that remains, over the machine's own large-matrix
// sgemm rate; both measured in turns in one run, one thread.
#include <cstdio>

#include "evaluation/diagram_sweep.hpp"
#include "program.hpp"
#include "sgemm.hpp"
#include "training/trainer.hpp"

namespace deepfog::bench {
namespace {

constexpr std::int64_t kMemory = std::int64_t{1} << 30;

Rate engine_rate(const Case& subject, DiagramSweep& sweep) {
  const Timer timer;
  sweep.add(subject.test());
  const double operations = sweep.operations_per_sample() * double(subject.test().size);
  return {operations / timer.seconds(), operations / timer.cpu_seconds()};
}

int share(const std::vector<std::string>& arguments) {
  set_threads(1);
  const Case subject = load_case(arguments[0], arguments[1], arguments[2]);
  const Diagram diagram(subject.topology);
  DiagramSweep sweep(subject.topology, subject.columns, subject.weights, diagram.stages(), false, kMemory);
  engine_rate(subject, sweep);  // touches every page once
  std::vector<double> engine, sgemm, cpu_engine, cpu_sgemm, ratio, cpu_ratio;
  for (int round = 0; round < kRounds; ++round) {
    const Rate large = sgemm_rate(1024, 1024, 1024), ours = engine_rate(subject, sweep);
    engine.push_back(ours.wall);
    sgemm.push_back(large.wall);
    cpu_engine.push_back(ours.cpu);
    cpu_sgemm.push_back(large.cpu);
    ratio.push_back(ours.wall / large.wall);
    cpu_ratio.push_back(ours.cpu / large.cpu);
  }
  std::printf(
      "RESULT bench=sgemm_share network=%s ratio=%.3f cpu_ratio=%.3f engine_gflops=%.1f sgemm_gflops=%.1f "
      "cpu_engine_gflops=%.1f cpu_sgemm_gflops=%.1f "
      "evaluations=%lld samples=%lld block=%lld kernel=%s blas_core=%s rounds=%d threads=1\n",
      subject.topology.name().c_str(), median(ratio), median(cpu_ratio), median(engine) / 1e9,
      median(sgemm) / 1e9, median(cpu_engine) / 1e9, median(cpu_sgemm) / 1e9,
      static_cast<long long>(diagram.evaluations()), static_cast<long long>(subject.test().size),
      static_cast<long long>(sweep.block()), dense_kernels().name, blas_core(), kRounds);
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 3, "bench_sgemm_share TOPOLOGY DATASET WEIGHTS",
                             deepfog::bench::share);
}
