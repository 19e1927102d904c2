// The kernels one by one under Google Benchmark: the dense layer, Equation 3 by folding, building a diagram.
// Medians of five repetitions, one RESULT line a case. Options of Google Benchmark are taken,
// --benchmark_filter=dense say.
#include <benchmark/benchmark.h>

#include <cstdio>

#include "core/seed.hpp"
#include "kernels/dense_layer.hpp"
#include "resilience/diagram.hpp"
#include "topology/topology.hpp"

namespace deepfog::bench {
namespace {

using benchmark::Counter;

std::vector<float> random_floats(std::int64_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  std::vector<float> values(size);
  for (float& value : values) value = static_cast<float>(stream.uniform()) - 0.5F;
  return values;
}

/// A relu layer of width x width over 240 rows: what a tile of a sweep is.
void dense(benchmark::State& state) {
  constexpr std::int64_t kRows = 240;
  const std::int64_t width = state.range(0);
  const std::vector<float> weight = random_floats(width * width, 1), bias = random_floats(width, 2);
  const DenseLayer layer(weight.data(), bias.data(), width, width, true);
  const std::vector<float> x = random_floats(kRows * layer.stride(), 3);
  AlignedFloats y(kRows * layer.stride());
  for (auto _ : state) {
    layer.apply(x.data(), layer.stride(), kRows, y.data(), layer.stride());
    benchmark::ClobberMemory();
  }
  state.counters["gflops"] =
      Counter(2e-9 * double(kRows * width * width), Counter::kIsIterationInvariantRate);
}
BENCHMARK(dense)->Arg(32)->Arg(250);

/// Average accuracy of a table of 2^n.
void equation3(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  std::vector<double> table(std::size_t{1} << n);
  RandomStream stream(1);
  for (double& value : table) value = stream.uniform();
  const Reliability reliability(n, 0.95);
  for (auto _ : state) benchmark::DoNotOptimize(average(table, reliability));
  state.counters["gcombinations"] = Counter(1e-9 * double(table.size()), Counter::kIsIterationInvariantRate);
}
BENCHMARK(equation3)->Arg(8)->Arg(16)->Arg(20)->Arg(24);

void diagram(benchmark::State& state) {
  const Topology topology =
      load_topology("configs/topologies/chain-with-skips-" + std::to_string(state.range(0)) + ".topology");
  std::int64_t evaluations = 0;
  for (auto _ : state) evaluations = Diagram(topology).evaluations();
  state.counters["classes"] = double(evaluations);
}
BENCHMARK(diagram)->Arg(8)->Arg(16)->Arg(24)->Task(benchmark::kMillisecond);

class ResultLines : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) std::fprintf(stderr, "bench_kernels: error: %s\n", run.error_message.c_str());
      if (run.aggregate_name != "median") continue;
      const double task = benchmark::GetTimeUnitMultiplier(run.time_unit);
      std::printf("RESULT bench=kernels case=%s seconds=%.4g cpu_seconds=%.4g",
                  run.run_name.function_name.c_str(), run.GetAdjustedRealTime() / task,
                  run.GetAdjustedCPUTime() / task);
      std::printf(" size=%s", run.run_name.args.c_str());
      for (const auto& [name, counter] : run.counters) std::printf(" %s=%.4g", name.c_str(), counter.value);
      std::printf(" kernel=%s rounds=5 threads=1\n", dense_kernels().name);
    }
  }
};

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  char repetitions[] = "--benchmark_repetitions=5", medians[] = "--benchmark_report_aggregates_only=true";
  arguments.insert(arguments.begin() + 1, {repetitions, medians});
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  deepfog::bench::ResultLines lines;
  const std::size_t ran = benchmark::RunSpecifiedBenchmarks(&lines);
  return ran > 0 ? 0 : 2;
}
