#pragma once

#include <string>

namespace deepfog {

/// The folder with configs/, jobs/, data/ and postprocess/. For an installed program this is share/deepfog
/// next to its bin folder (both may have been moved together), otherwise the source tree from which it was
/// built.
std::string home_folder();

/// The same for the program at `executable`; returns `sources` if nothing is installed around it.
std::string home_folder(const std::string& executable, const std::string& sources);

/// Resolves a relative path in the working directory, otherwise in the home folder, so that
/// "configs/three-nodes.ini" is found from anywhere. Returns `path` itself if the file is in neither.
std::string shipped_file(const std::string& path);

}  // namespace deepfog
