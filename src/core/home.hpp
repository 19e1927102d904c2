#pragma once

#include <string>

namespace deepfog {

/// The folder with configs/, jobs/, data/ and postprocess/: of an installed program share/deepfog beside its
/// bin (wherever both were moved), else the source tree it was built from.
std::string home_folder();

/// The same for the program at `executable`; `sources` where nothing is installed around it.
std::string home_folder(const std::string& executable, const std::string& sources);

/// The file that a relative path means: in the working directory, else of that path in the home folder, so
/// that "configs/three-nodes.ini" is found from everywhere. `path` itself where there is neither.
std::string shipped_file(const std::string& path);

}  // namespace deepfog
