#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace deepfog::test {

/// A small data set of 12 rows in two sources (2 + 3 columns), three classes and two splits, written as
/// importers do.
struct SampleDataset {
  std::int64_t rows = 12, features = 5;
  std::vector<std::uint8_t> bytes;  ///< the samples as uint8, or
  std::vector<float> floats;        ///< as float32
  std::vector<std::int64_t> labels;
  std::map<std::string, std::vector<std::uint8_t>> splits;
  std::vector<std::string> sources{"left", "right"};
  std::vector<std::int64_t> widths{2, 3};
  std::vector<std::int64_t>
      shapes;  ///< channels, height and width of each source; empty: the file states none
  double scale = 1;

  void write(const std::string& path) const;
};
SampleDataset sample_bytes();   ///< value of row r, column c: 5 r + c; scale 1/255
SampleDataset sample_floats();  ///< the same with a quarter added, scale 1

}  // namespace deepfog::test
