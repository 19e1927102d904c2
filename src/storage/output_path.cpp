#include "storage/output_path.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>

#include "core/error.hpp"

namespace deepfog {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;             // as the kernel
constexpr std::size_t longest_hint = 100;  // the name of a temporary file is never the one that is too long

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// What is at `path`, not following a link there. False where nothing is. Throws UserError where it cannot be
/// known.
bool look(const std::string& path, struct stat& status) {
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR)
    throw UserError(path, std::string("cannot be written: ") + std::strerror(errno));
  return false;
}

std::string read_link(const std::string& path) {
  std::string text(4096, '\0');
  const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
  if (length < 0) throw UserError(path, std::string("this link cannot be read: ") + std::strerror(errno));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// As the kernel does where fs.protected_symlinks is on.
void demand_trusted(const std::string& link, const struct stat& status) {
  struct stat folder {};
  if (::stat(folder_of(link).c_str(), &folder) != 0) return;  // following the link will tell
  const bool shared = (folder.st_mode & S_ISVTX) != 0 && (folder.st_mode & S_IWOTH) != 0;
  if (!shared || status.st_uid == ::geteuid() || status.st_uid == folder.st_uid) return;
  throw UserError(link, "a symbolic link of another user in a folder that everybody may write to",
                  "another output");
}

/// A file can be made in this folder: one without a name, or one that is gone at once.
void demand_room_for_files(const std::string& folder, const std::string& path) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT)) {
    std::string name;
    descriptor = open_exclusively(folder, "deepfog", name);
    if (descriptor >= 0 && ::unlink(name.c_str()) != 0) {
      const int reason = errno;
      ::close(descriptor);
      throw UserError(name, std::string("cannot be removed: ") + std::strerror(reason));
    }
  }
  if (descriptor < 0) {
    throw UserError(path, "no file can be made in " + folder + ": " + std::strerror(errno),
                    "a file in a folder that you may write to");
  }
  ::close(descriptor);
}

/// Folders above a file: those that are there are folders, those that are missing can be made.
/// @param exists  they must all be there
void check_folders(const std::string& path, const std::string& target, bool exists) {
  fs::path folder = folder_of(target);
  std::size_t longest = fs::path(target).filename().native().size();
  struct stat status {};
  while (::stat(folder.c_str(), &status) != 0) {
    struct stat link {};
    if (look(folder.string(), link) && S_ISLNK(link.st_mode)) {
      throw UserError(
          path,
          folder.string() + " is a symbolic link to " + read_link(folder.string()) + ", which is not there",
          "make that folder, or remove the link");
    }
    if (exists) {
      throw UserError(path, "a symbolic link to " + target + ", whose folder is not there",
                      "make that folder, or remove the link");
    }
    longest = std::max(longest, folder.filename().native().size());
    folder = folder_of(folder.string());
  }
  if (!S_ISDIR(status.st_mode))
    throw UserError(path, folder.string() + " is no folder", "a file in a folder allowed");
  const long most = ::pathconf(folder.c_str(), _PC_NAME_MAX);
  if (most > 0 && longest > static_cast<std::size_t>(most)) {
    throw UserError(path, "a name of " + std::to_string(longest) + " bytes is too long",
                    "at most " + std::to_string(most) + " there");
  }
  demand_room_for_files(folder.string(), path);
}

}  // namespace

std::string link_target(const std::string& path) {
  std::string target = path;
  struct stat status {};
  for (int i = 0; look(target, status) && S_ISLNK(status.st_mode); ++i) {
    if (i == most_links) throw UserError(path, "its symbolic links lead round in a loop");
    demand_trusted(target, status);
    const fs::path next = read_link(target);
    target = next.is_absolute() ? next.string() : (fs::path(folder_of(target)) / next).string();
  }
  return target;
}

void check_output_text(const std::string& path, const std::string& where) {
  if (path.find_first_not_of(' ') == std::string::npos)
    throw UserError(where, "output is empty", "a file allowed");
  const bool text = std::none_of(path.begin(), path.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == 127;
  });
  if (!text) throw UserError(where, "output has a control character in its name", "printable text allowed");
  const char after = path.size() > 1 ? path[1] : '\0';
  const bool variable = path[0] == '$' && (after == '{' || after == '_' ||
                                           std::isalpha(static_cast<unsigned char>(after)) != 0);
  if (path[0] == '~' || variable) {
    throw UserError(where, "output " + path + ": " + path[0] + " is not expanded here",
                    "the whole path; ./" + path + " for a name that begins so");
  }
  const std::size_t scheme = path.find("://");
  const bool address = scheme != std::string::npos && scheme > 0 &&
                       std::all_of(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(scheme),
                                   [](unsigned char letter) { return std::isalnum(letter) != 0; });
  if (address) throw UserError(where, "output " + path + " is an address on a network", "a file allowed");
  const std::string name = fs::path(path).filename().string();
  if (name.empty() || name == "." || name == "..")
    throw UserError(where, "output " + path + " names a folder", "a file allowed");
}

void check_output_file(const std::string& path, Links links) {
  check_output_text(path, path);
  const std::string target = link_target(path);
  if (target != path && links == Links::refuse)
    throw UserError(path, "a symbolic link", "a file of the program, or none");
  struct stat status {};
  if (::stat(target.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw UserError(path, "a folder", "a file allowed");
    if (!S_ISREG(status.st_mode)) throw UserError(path, "not a regular file", "a file allowed");
  } else if (errno != ENOENT && errno != ENOTDIR) {
    throw UserError(path, std::string("cannot be written: ") + std::strerror(errno));
  }
  check_folders(path, target, target != path);
  struct stat folder {};
  const bool keeps = ::stat(folder_of(target).c_str(), &folder) == 0 && (folder.st_mode & S_ISVTX) != 0;
  const uid_t own = ::geteuid();
  if (keeps && own != 0 && folder.st_uid != own && ::stat(target.c_str(), &status) == 0 &&
      status.st_uid != own) {
    throw UserError(path, "a file of another user, who alone may replace it", "another output");
  }
}

void make_output_folder(const std::string& folder) {
  std::error_code problem;
  if (!folder.empty()) fs::create_directories(folder, problem);
  if (problem) throw UserError(folder, "the folder cannot be made: " + problem.message());
}

int open_exclusively(const std::string& folder, const std::string& hint, std::string& name) {
  std::random_device random;
  for (int attempt = 0; attempt < 16; ++attempt) {
    char unforeseen[17];
    std::snprintf(unforeseen, sizeof unforeseen, "%08x%08x", random(), random());
    name = folder + "/." + (hint.size() <= longest_hint ? hint : "deepfog") + "." + unforeseen + ".part";
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

void remove_abandoned(const std::string& folder, const std::string& hint) {
  if (hint.size() > longest_hint) return;  // the name would be that of other files, too
  const std::string begin = "." + hint + ".", end = ".part";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != begin.size() + 16 + end.size() || name.compare(0, begin.size(), begin) != 0 ||
        name.compare(name.size() - end.size(), end.size(), end) != 0)
      continue;
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) continue;
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
        ::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      ::unlink(entry.path().c_str());
    ::close(descriptor);
  }
}

}  // namespace deepfog
