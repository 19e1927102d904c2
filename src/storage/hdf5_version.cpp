#include "storage/hdf5_version.hpp"

#include "storage/hdf5.hpp"

namespace deepfog {

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  hdf5::check(H5get_libversion(&major, &minor, &release), {hdf5::Blame::machine, "HDF5"});
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace deepfog
