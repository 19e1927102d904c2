#pragma once

#include <string>

namespace deepfog {

/// Writes a file so that `path` holds all of `bytes` or is untouched, also after a crash or on a full disk:
/// temporary file in the same folder, fsync, rename, fsync of the folder. A symbolic link is followed, also
/// one whose file is not there yet; the temporary file never follows one. What earlier writers of this file
/// left behind when they were killed goes. Throws Failure "path: why",
/// UserError for links that link_target() refuses.
void write_whole(const std::string& path, const std::string& bytes);

/// fsync of the folder that holds `path`: without it a new name may be gone after a crash. Throws Failure.
void sync_folder(const std::string& path);

}  // namespace deepfog
