// One rank leaves by an exception while the others wait for it: the job must end and give the reason.

#include <cstdio>
#include <stdexcept>

#include "comm/communicator.hpp"
#include "comm/environment.hpp"

int main(int argc, char** argv) {
  try {
    const deepfog::Environment environment(argc, argv);
    const auto world = deepfog::Communicator::world();
    if (world.rank() == 1) throw std::runtime_error("rank 1 leaves");
    deepfog::barrier(world);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
