// Writes the tests' results file where the argument says, for the checks in Python.
#include <iostream>
#include <string>

#include "sample_inference.hpp"
#include "sample_partition.hpp"
#include "sample_results.hpp"

int main(int count, char** arguments) {
  const std::string what = count > 2 ? arguments[2] : "campaign";
  if (count < 2 || count > 3 ||
      (what != "campaign" && what != "both" && what != "inference" && what != "partitions")) {
    std::cerr << "usage: write_sample_results FILE [campaign|both|inference|partitions]\n";
    return 2;
  }
  deepfog::write_results(arguments[1], what == "campaign" ? deepfog::test::sample_results()
                                       : what == "both"   ? deepfog::test::sample_results_with_inference()
                                       : what == "partitions"
                                           ? deepfog::test::sample_results_with_partitions()
                                           : deepfog::test::sample_results_of_inference_alone());
  return 0;
}
