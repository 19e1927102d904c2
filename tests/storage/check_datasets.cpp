// What the program's reader says of data-set files: one line per file, for tests/data/test_two_readers.py.
#include <iostream>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "storage/dataset_file.hpp"

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    try {
      deepfog::load_dataset(path, "", std::numeric_limits<std::int64_t>::max(), deepfog::Parts::test);
      std::cout << "VALID\n";
    } catch (const deepfog::UserError& error) {
      std::cout << error.what() << '\n';
    }
  }
  return 0;
}
