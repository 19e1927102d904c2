#pragma once

#include <string>

namespace deepfog {

/// The folder with configs/, jobs/, data/ and postprocess/: of an installed program share/deepfog beside its
/// bin (wherever both were moved), else the source tree it was built from.
std::string home_folder();

/// The same for the program at `executable`; `sources` where nothing is installed around it.
std::string home_folder(const std::string& executable, const std::string& sources);

}  // namespace deepfog
