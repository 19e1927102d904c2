// Our side of sweep_camera and sweep_health: compare_sweeps.py asks for one sweep after the other, in turns
// with the PyTorch loop. Requests and answers are lines:
//   sweep   -> "WALL_SECONDS CPU_SECONDS"    the whole of sweep_diagram(): diagram, layout, counts, table
//   counts  -> "COUNT COUNT ..."             of the last sweep, index = combination
#include "evaluation/sweep.hpp"

#include <iostream>

#include "program.hpp"
#include "timing.hpp"

namespace deepfog::bench {
namespace {

int serve(const std::vector<std::string>& arguments) {
  const Case subject = load_case(arguments[0], arguments[1], arguments[2]);
  SweepCounts counts;
  const auto sweep = [&] {
    counts = sweep_diagram(subject.topology, subject.columns, subject.weights, subject.test(), false);
  };
  sweep();  // touches every page once
  std::cout << "ready" << std::endl;
  for (std::string request; std::getline(std::cin, request);) {
    if (request == "sweep") {
      const Timer timer;
      sweep();
      const double wall = timer.seconds(), cpu = timer.cpu_seconds();
      std::cout << wall << ' ' << cpu << std::endl;
    } else {
      for (const std::int64_t count : counts.correct) std::cout << count << ' ';
      std::cout << std::endl;
    }
  }
  return 0;
}

}  // namespace
}  // namespace deepfog::bench

int main(int argc, char** argv) {
  return deepfog::bench::run(argc, argv, 3, "bench_sweep TOPOLOGY DATASET WEIGHTS", deepfog::bench::serve);
}
