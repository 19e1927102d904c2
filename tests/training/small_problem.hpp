#pragma once

#include "core/seed.hpp"
#include "topology/samples.hpp"
#include "topology/topology.hpp"

namespace deepfog {

/// Two features and three classes by quadrant: not linearly separable, but learnt by a small network within a
/// second.
inline SampleSet three_sectors(std::int64_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  SampleSet set;
  set.features = 2;
  while (set.size() < size) {
    const float x = float(2 * stream.uniform() - 1), y = float(2 * stream.uniform() - 1);
    set.values.push_back(x);
    set.values.push_back(y);
    set.labels.push_back(x * y > 0.05F ? 0 : (x > 0 ? 1 : 2));
  }
  return set;
}

inline Dataset small_dataset() {
  Dataset dataset;
  dataset.name = "sectors";
  dataset.origin = "synthetic";
  dataset.split = "rows";
  dataset.class_names = {"same", "right", "left"};
  dataset.sources = {{"s", 2}};
  dataset.train = three_sectors(600, 1);
  dataset.validation = three_sectors(200, 2);
  dataset.test = three_sectors(200, 3);
  return dataset;
}

inline Topology small_topology() {
  return parse_topology(
      "topology small\nsource s 2\nnode a relu:16\nnode b relu:16\nnode c relu:16 linear:3\n"
      "link s -> a\nlink a -> b\nlink b -> c\nlink a -> c skip\nfails a b\n",
      "small");
}

}  // namespace deepfog
