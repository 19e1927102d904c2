#pragma once

#include <string>

namespace deepfog {

/// Whether an output may be a symbolic link. What the program names itself (journals, round logs) may not be
/// one: in a folder that others can write to, a planted link would lead it to another file.
enum class Links { follow, refuse };

/// The file that is written when `path` is: `path`, or where its links lead, which need not be there yet.
/// Throws UserError: links in a loop, a link of another user in a folder that everybody may write to.
std::string link_target(const std::string& path);

/// Refuses text that names no file: empty, with control characters, ending in a slash, beginning with a ~ or
/// $ that the shell has not expanded. Looks at no disk. Throws UserError "WHERE: output PATH ...".
void check_output_text(const std::string& path, const std::string& where);

/// Refuses, before any work, a file that could not be written at the end of it: a folder or device, a name
/// that is too long, a folder that is none, that cannot be made or in which no file can be made. Folders that
/// are missing are fine, except at the end of a link. Leaves nothing behind. Throws UserError "PATH: why".
void check_output_file(const std::string& path, Links links = Links::follow);

/// Makes a folder and those above it; "" is the working directory. Throws UserError.
void make_output_folder(const std::string& folder);

/// Makes and opens a new file in `folder` that is certainly this process's own: exclusively and by a name
/// that nobody can foresee. `hint` is part of the name. Returns its descriptor, -1 with errno where that
/// fails.
int open_exclusively(const std::string& folder, const std::string& hint, std::string& name);

/// Removes the temporary files for `hint` that processes left behind when they were killed. A writer holds
/// flock() on its file for as long as the file has this name, so what can be locked is abandoned. A file
/// system without locks keeps them.
void remove_abandoned(const std::string& folder, const std::string& hint);

}  // namespace deepfog
