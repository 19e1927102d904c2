#include "storage/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "core/error.hpp"
#include "storage/journal_format.hpp"
#include "storage/whole_file.hpp"

namespace deepfog {
namespace {

using namespace journal_format;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

/// A journal that cannot be opened: nothing has been done yet, and another output may do.
[[noreturn]] void refuse(const std::string& path) {
  if (errno == ELOOP) throw UserError(path, "a symbolic link", "a journal or no file");
  throw UserError(path, std::string("cannot be opened: ") + std::strerror(errno));
}

std::string read_all(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path, "cannot be read");
  if (!S_ISREG(status.st_mode)) throw UserError(path, "not a regular file", "a journal or no file");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

/// @return whether all bytes were written; errno says why not
bool write_at(int descriptor, const std::string& bytes, off_t at) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count =
        ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, at + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

std::string owner_in(const std::string& bytes) {
  if (bytes.size() < owner_begin + owner_bytes) return "";
  const std::string owner = bytes.substr(owner_begin, owner_bytes).c_str();
  for (const char letter : owner) {
    if (letter < ' ' || letter > '~') return "";
  }
  return owner.empty() ? "" : ", " + owner;
}

std::string own_name() {
  char host[owner_bytes] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::string owner = "pid " + std::to_string(::getpid()) + " on " + host;
  owner.resize(owner_bytes, '\0');
  return owner;
}

/// @return false where the file system has no locks
bool lock(int descriptor, const std::string& path) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      throw UserError(path, "in use by another job" + owner_in(read_all(descriptor, path)),
                      "wait for its end, or choose another output");
    }
    if (errno != ENOSYS && errno != ENOLCK && errno != EOPNOTSUPP) fail(path, "cannot be locked");
    std::cerr << path
              << ": this file system has no file locks; see to it that no other job uses this output\n";
    return false;
  }
  return true;
}

/// Opens and locks. The last holder may have unlinked the file between our open and our lock: then once more.
int open_locked(const std::string& path) {
  while (true) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) refuse(path);
    try {
      const bool locked = lock(descriptor, path);
      struct stat held {
      }, named{};
      if (::fstat(descriptor, &held) != 0) fail(path, "cannot be read");
      if (!locked || (::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino)) return descriptor;
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
  }
}

void start_anew(int descriptor, const std::string& path, const std::string& header) {
  if (::ftruncate(descriptor, 0) != 0 || !write_at(descriptor, header, 0) || ::fsync(descriptor) != 0) {
    fail(path, "cannot be written");
  }
  sync_folder(path);
}

/// Size of the header that the file has in the end.
std::size_t settle_header(int descriptor, const std::string& path, const std::string& bytes,
                          const std::string& header_text) {
  const Header found = decode_header(bytes);
  if (found.state == HeaderState::good) {
    if (found.text == header_text) return found.size;
    throw UserError(path, "belongs to another campaign",
                    "the same config, another output, or delete the journal");
  }
  const std::string header = encode_header(header_text);
  if (found.state == HeaderState::foreign)
    throw UserError(path, "not a DeepFog journal", "a journal or no file");
  if (!begins(bytes, header))
    throw UserError(path, "its header is damaged", "delete the journal to start anew");
  start_anew(descriptor, path, header);
  return header.size();
}

}  // namespace

Journal::Journal(const std::string& path, const std::string& header_text)
    : path_(path), header_text_(header_text) {
  descriptor_ = open_locked(path);
  try {
    const std::string bytes = read_all(descriptor_, path);
    const std::size_t begin = settle_header(descriptor_, path, bytes, header_text);
    if (bytes.size() > begin) {
      Records found = decode_records(bytes, begin);
      records_ = std::move(found.records);
      bytes_cut_ = static_cast<std::int64_t>(bytes.size() - found.end);
      if (bytes_cut_ > 0 &&
          (::ftruncate(descriptor_, static_cast<off_t>(found.end)) != 0 || ::fsync(descriptor_) != 0)) {
        fail(path, "its torn end cannot be cut off");
      }
    }
    if (!write_at(descriptor_, own_name(), owner_begin)) fail(path, "cannot be written");
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Journal::append(const JournalRecord& record) {
  if (descriptor_ < 0) throw Failure(path_ + ": closed after a failed write");
  const std::string bytes = encode_record(record);
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  if (end < 0) fail(path_, "cannot be written");
  if (write_at(descriptor_, bytes, end) && ::fdatasync(descriptor_) == 0) return;
  const int reason = errno;
  // Half a record before the next one would cost the next one too.
  if (::ftruncate(descriptor_, end) != 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
  errno = reason;
  fail(path_, "cannot be written");
}

void Journal::remove() {
  if (::unlink(path_.c_str()) != 0) fail(path_, "cannot be removed");
  sync_folder(path_);
}

namespace {

/// All bytes of a journal without a lock; nothing where there is none.
std::string unlocked_bytes(const std::string& path) {
  // O_NONBLOCK: a pipe without a writer must not make us wait.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return "";
    refuse(path);
  }
  try {
    std::string bytes = read_all(descriptor, path);
    ::close(descriptor);
    return bytes;
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

Header checked_header(const std::string& bytes, const std::string& path) {
  if (bytes.empty()) return {};
  Header header = decode_header(bytes);
  if (header.state == HeaderState::foreign)
    throw UserError(path, "not a DeepFog journal", "a journal or no file");
  if (header.state == HeaderState::damaged)
    throw UserError(path, "its header is damaged", "delete the journal");
  return header;
}

}  // namespace

JournalContent read_journal(const std::string& path) {
  const std::string bytes = unlocked_bytes(path);
  const Header header = checked_header(bytes, path);
  if (header.state != HeaderState::good) return {};
  return {header.text, decode_records(bytes, header.size).records};
}

std::string journal_header(const std::string& path) {
  return checked_header(unlocked_bytes(path), path).text;
}

}  // namespace deepfog
