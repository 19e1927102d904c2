// Writes the tests' results file where the argument says, for the checks in Python.
#include <iostream>
#include <map>
#include <string>

#include "sample_exits.hpp"
#include "sample_inference.hpp"
#include "sample_partition.hpp"
#include "sample_results.hpp"

int main(int count, char** arguments) {
  using namespace deepfog::test;
  const std::map<std::string, deepfog::Results (*)()> samples{
      {"campaign", sample_results},
      {"both", sample_results_with_inference},
      {"inference", sample_results_of_inference_alone},
      {"partitions", sample_results_with_partitions},
      {"exits", sample_results_with_exits}};
  const auto found = samples.find(count > 2 ? arguments[2] : "campaign");
  if (count < 2 || count > 3 || found == samples.end()) {
    std::cerr << "usage: write_sample_results FILE [campaign|both|inference|partitions|exits]\n";
    return 2;
  }
  deepfog::write_results(arguments[1], found->second());
  return 0;
}
