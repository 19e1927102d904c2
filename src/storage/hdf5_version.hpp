#pragma once

#include <string>

namespace deepfog {

/// Version of the HDF5 library that was loaded, "1.10.8".
std::string hdf5_version();

}  // namespace deepfog
