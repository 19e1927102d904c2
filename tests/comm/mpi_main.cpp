// main() of every test program that runs under mpirun. Rank 0 prints GoogleTest's report; failures of other
// ranks are gathered over a separate communicator and printed by rank 0, and every rank returns the same
// verdict. A fatal failure (ASSERT_, an exception) ends all ranks at once, since the others may wait for the
// one that left the test.

#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "comm/environment.hpp"
#include "mpi_test.hpp"

namespace {

std::unique_ptr<deepfog::Communicator> world;

std::string describe(const testing::TestPartResult& result) {
  return (result.file_name() != nullptr ? result.file_name() : "unknown file") + std::string(":") +
         std::to_string(result.line_number()) + ": " + result.summary();
}

class FailureCollector : public testing::EmptyTestEventListener {
 public:
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    failures_ += describe(result) + "\n";
    if (!result.fatally_failed()) return;
    // Written in one piece: cerr is unbuffered, and output of other ranks would get in between.
    std::cerr << "rank " + std::to_string(world->rank()) + ": fatal: " + describe(result) + "\n"
              << std::flush;
    deepfog::end_all_ranks(1);
  }
  const std::string& failures() const { return failures_; }

 private:
  std::string failures_;
};

}  // namespace

deepfog::Communicator& deepfog::test_world() {
  return *world;
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const deepfog::Environment environment(argc, argv);
  world = std::make_unique<deepfog::Communicator>(deepfog::Communicator::world());
  const auto own = std::make_unique<deepfog::Communicator>(world->duplicate());

  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  auto* collector = new FailureCollector;  // owned by GoogleTest
  if (own->rank() != 0) delete listeners.Release(listeners.default_result_printer());
  listeners.Append(collector);
  const int verdict = RUN_ALL_TESTS();

  bool failed = false;
  const auto failures = deepfog::gather(*own, verdict == 0 ? "" : collector->failures() + "failed\n");
  for (std::size_t rank = 0; rank < failures.size(); ++rank) {
    if (failures[rank].empty()) continue;
    failed = true;
    std::cout << "rank " << rank << ": " << failures[rank];
  }
  failed = deepfog::broadcast(*own, failed ? "failed" : "") == "failed";
  world.reset();
  return failed ? 1 : 0;
}
