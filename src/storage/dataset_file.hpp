#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "topology/samples.hpp"

namespace deepfog {

/// Which parts the chosen split of a file must have: a file to test trained networks on needs no others.
enum class Parts { all, test };

/// Reads a data-set file (format "deepfog-dataset", see data/README.md) under one of its splits; an empty
/// split name takes the file's default. Values are multiplied by the file's scale. Every size, code and label
/// is checked. Throws UserError "file:object: what (allowed)".
/// @param most_test_bytes  test samples that take more as floats are checked, but left in the file:
/// dataset.test then has
///                         labels and no values, load_test_rows() reads them piece by piece
/// @param demanded         Parts::test for what only evaluates
Dataset load_dataset(const std::string& path, const std::string& split,
                     std::int64_t most_test_bytes = std::numeric_limits<std::int64_t>::max(),
                     Parts demanded = Parts::all);

/// Test samples [begin, end) of a file that load_dataset() has checked, counted in the order of
/// Dataset::test. Throws UserError when the file has no such samples.
SampleSet load_test_rows(const std::string& path, const std::string& split, std::int64_t begin,
                         std::int64_t end);

/// Looks for NAME.h5, then NAME.synthetic.h5, in each folder in turn. A NAME that is a path to a file is
/// taken as it is. Throws UserError naming what was looked for and the command that prepares it.
std::string find_dataset(const std::string& name, const std::vector<std::string>& folders);

/// $DEEPFOG_DATA_DIR when set, then data/cache of the working directory, then data/cache of the source tree
/// when that exists.
std::vector<std::string> dataset_folders();

}  // namespace deepfog
