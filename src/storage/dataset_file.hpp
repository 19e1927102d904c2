#pragma once

#include <string>
#include <vector>

#include "topology/samples.hpp"

namespace deepfog {

/// Reads a data-set file (format "deepfog-dataset", see data/README.md) under one of its splits; an empty
/// split name takes the file's default. Values are multiplied by the file's scale. Every size, code and label
/// is checked. Throws UserError "file:object: what (allowed)".
Dataset load_dataset(const std::string& path, const std::string& split);

/// Looks for NAME.h5, then NAME.synthetic.h5, in each folder in turn. A NAME that is a path to a file is
/// taken as it is. Throws UserError naming what was looked for and the command that prepares it.
std::string find_dataset(const std::string& name, const std::vector<std::string>& folders);

/// $DEEPFOG_DATA_DIR when set, then data/cache of the working directory, then data/cache of the source tree
/// when that exists.
std::vector<std::string> dataset_folders();

}  // namespace deepfog
