#include "storage/record_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "storage/record_log_format.hpp"
#include "storage/whole_file.hpp"

namespace deepfog {
namespace {

using namespace record_log_format;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

/// @return whether all bytes were written; errno says why not
bool write_at(int descriptor, std::string_view bytes, std::int64_t at) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(at) + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

/// The first bytes of the file, `most` at most.
std::string beginning(int descriptor, std::size_t most, const std::string& path) {
  std::string bytes(most, '\0');
  std::size_t done = 0;
  while (done < most) {
    const ssize_t count = ::pread(descriptor, bytes.data() + done, most - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

std::string owner_of(int descriptor, const std::string& path) {
  const std::string bytes = beginning(descriptor, length_at, path);
  if (bytes.size() < length_at || bytes.compare(0, magic.size(), magic) != 0) return "";
  const std::string owner = bytes.substr(owner_at).c_str();
  for (const char letter : owner) {
    if (letter < ' ' || letter > '~') return "";
  }
  return owner.empty() ? "" : ", " + owner;
}

std::string own_name() {
  char host[owner_bytes] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return "pid " + std::to_string(::getpid()) + " on " + host;
}

/// @return false if the file system has no locks
bool lock(int descriptor, const std::string& path) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      throw UserError(path, "in use by another job" + owner_of(descriptor, path),
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
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
    if (descriptor < 0 && errno == ELOOP) throw UserError(path, "a symbolic link", "a record log or no file");
    if (descriptor < 0) throw UserError(path, std::string("cannot be opened: ") + std::strerror(errno));
    try {
      struct stat held {
      }, named{};
      if (::fstat(descriptor, &held) != 0) fail(path, "cannot be read");
      if (!S_ISREG(held.st_mode)) throw UserError(path, "not a regular file", "a record log or no file");
      const bool locked = lock(descriptor, path);
      if (!locked || (::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino)) return descriptor;
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
  }
}

/// Whether `bytes` is the beginning of this header, whoever is its owner: a job was killed over it.
bool begins(std::string bytes, const std::string& header) {
  for (std::size_t at = owner_at; at < length_at && at < bytes.size(); ++at) bytes[at] = header[at];
  return header.compare(0, bytes.size(), bytes) == 0;
}

}  // namespace

RecordLog::RecordLog(const std::string& path, const std::string& header_text, ExistingLog existing,
                     Durability durability)
    : path_(path), header_text_(header_text), durability_(durability) {
  descriptor_ = open_locked(path);
  try {
    existing == ExistingLog::resume ? resume() : start();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

RecordLog::~RecordLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// Takes over the records of the file; a log without a whole header is started.
void RecordLog::resume() {
  RecordLogReader reader(descriptor_, path_);
  if (!reader.begun()) {
    const std::string header = encode_header(header_text_, own_name());
    if (!begins(beginning(descriptor_, header.size() + 1, path_), header))
      throw UserError(path_, "its header is damaged", "delete this file");
    return start();
  }
  if (reader.header_text() != header_text_) {
    throw UserError(path_, "belongs to another campaign",
                    "the same config, another output, or delete this file");
  }
  for (LogRecord record; reader.next(record); record = {}) records_.push_back(std::move(record));
  bytes_cut_ = reader.bytes_lost();
  end_ = reader.position();
  count_ = records_.size();
  if (bytes_cut_ > 0 &&
      (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0 || ::fsync(descriptor_) != 0))
    fail(path_, "its torn end cannot be cut off");
  std::string owner = own_name();
  owner.resize(owner_bytes, '\0');
  if (!write_at(descriptor_, owner, owner_at)) fail(path_, "cannot be written");
}

void RecordLog::start() {
  const std::string header = encode_header(header_text_, own_name());
  if (::ftruncate(descriptor_, 0) != 0) fail(path_, "cannot be emptied");
  if (!write_at(descriptor_, header, 0) || ::fsync(descriptor_) != 0) {
    const int reason = errno;
    ::unlink(path_.c_str());  // half a header helps nobody; the first error is the one to tell
    errno = reason;
    fail(path_, "cannot be written");
  }
  sync_folder(path_);
  end_ = static_cast<std::int64_t>(header.size());
}

void RecordLog::append(std::string_view type, const std::vector<char>& payload) {
  if (descriptor_ < 0) throw Failure(path_ + ": closed after a failed write");
  encode_record(count_, type, payload, buffer_);
  const bool synced = durability_ == Durability::every_record;
  if (write_at(descriptor_, buffer_, end_) && (!synced || ::fdatasync(descriptor_) == 0)) {
    end_ += static_cast<std::int64_t>(buffer_.size());
    ++count_;
    return;
  }
  const int reason = errno;
  // Half a record before the next one would cost the next one too.
  if (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
  errno = reason;
  fail(path_, "cannot be written");
}

void RecordLog::remove() {
  if (::unlink(path_.c_str()) != 0) fail(path_, "cannot be removed");
  sync_folder(path_);
}

RecordLogClaim::RecordLogClaim(const std::string& path, const Deadline& deadline)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) {
  if (descriptor_ < 0) return;
  for (held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; !held_ && !deadline.passed();) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  }
  struct stat file {};
  // Another one may have removed it between our opening and our lock: then there is nothing left to do.
  if (held_) held_ = ::fstat(descriptor_, &file) == 0 && file.st_nlink > 0;
}

RecordLogClaim::~RecordLogClaim() {
  if (descriptor_ >= 0) ::close(descriptor_);  // nothing was written through it
}

}  // namespace deepfog
