// Writes the tests' results file where the argument says, for the checks in Python.
#include <iostream>

#include "sample_results.hpp"

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: write_sample_results FILE\n";
    return 2;
  }
  deepfog::write_results(arguments[1], deepfog::test::sample_results());
  return 0;
}
