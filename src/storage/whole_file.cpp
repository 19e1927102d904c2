#include "storage/whole_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/error.hpp"
#include "storage/output_path.hpp"

namespace deepfog {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

/// The file that `path` means: a link's target, so that a link to a scratch disk stays a link.
std::string resolve(const std::string& path) {
  const std::string target = link_target(path);
  struct stat status {};
  if (::lstat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    throw Failure(path + ": cannot be replaced: not a regular file");
  return target;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// A file that disappears again unless it was renamed.
class Temporary {
 public:
  Temporary(const std::string& target, const std::string& shown) : target_(target), shown_(shown) {
    descriptor_ =
        open_exclusively(folder_of(target), std::filesystem::path(target).filename().string(), name_);
    if (descriptor_ < 0) fail(shown_, "cannot be written");
    owned_ = true;
    // See remove_abandoned(); without locks nothing is ever taken for abandoned.
    static_cast<void>(::flock(descriptor_, LOCK_EX | LOCK_NB));
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!renamed_ && owned_) ::unlink(name_.c_str());
  }
  void write(const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail(shown_, "cannot be written");
      done += static_cast<std::size_t>(count);
    }
    if (::fsync(descriptor_) != 0) fail(shown_, "cannot be flushed to disk");
  }
  void rename() {
    if (::rename(name_.c_str(), target_.c_str()) != 0) fail(shown_, "cannot be put in place");
    renamed_ = true;
    const int status = ::close(descriptor_);
    descriptor_ = -1;
    if (status != 0) fail(shown_, "cannot be closed");
  }

 private:
  std::string target_, shown_, name_;
  int descriptor_ = -1;
  bool owned_ = false, renamed_ = false;
};

}  // namespace

void sync_folder(const std::string& path) {
  const int descriptor = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(path, "cannot open its folder");
  const int status = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  // Some network file systems know no fsync of folders and say EINVAL: their rename is durable or nothing is.
  if (status != 0 && reason != EINVAL) fail(path, "cannot flush its folder to disk");
}

void write_whole(const std::string& path, const std::string& bytes) {
  const std::string target = resolve(path);
  Temporary file(target, path);
  file.write(bytes);
  file.rename();
  sync_folder(target);
  remove_abandoned(folder_of(target), std::filesystem::path(target).filename().string());
}

}  // namespace deepfog
