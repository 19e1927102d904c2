#include "storage/round_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "core/error.hpp"
#include "storage/round_log_format.hpp"
#include "storage/whole_file.hpp"

namespace deepfog {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

int create(const std::string& path, ExistingRoundLog existing) {
  const int only_new = existing == ExistingRoundLog::refuse ? O_EXCL : 0;
  // A pipe without a reader would block: O_NONBLOCK makes it an error, and means nothing for regular files.
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | only_new;
  const int descriptor = ::open(path.c_str(), flags, 0666);
  if (descriptor >= 0) return descriptor;
  if (errno == EEXIST) throw UserError(path, "exists already", "another output, or remove it");
  if (errno == ELOOP) throw UserError(path, "a symbolic link", "a spool or no file");
  throw UserError(path, std::string("cannot be created: ") + std::strerror(errno));
}

void lock(int descriptor, const std::string& path) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      throw UserError(path, "in use by another job", "wait for its end, or choose another output");
    }
    if (errno != ENOLCK && errno != EOPNOTSUPP) fail(path, "cannot be locked");
    std::cerr << path
              << ": this file system has no file locks; see to it that no other job uses this output\n";
    return;
  }
}

}  // namespace

RoundLogWriter::RoundLogWriter(const std::string& path, const std::string& header_text,
                               ExistingRoundLog existing)
    : path_(path), buffer_(round_log_format::encode_header(header_text)) {
  descriptor_ = create(path, existing);
  bool held = false;
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(path_, "cannot be read");
    if (!S_ISREG(status.st_mode)) throw UserError(path_, "not a regular file", "a spool or no file");
    lock(descriptor_, path_);  // before the old content goes: its writer may still live
    held = true;
    if (::ftruncate(descriptor_, 0) != 0) fail(path_, "cannot be emptied");
    write_buffer(0);
    sync_folder(path_);
  } catch (...) {
    if (held) ::unlink(path_.c_str());  // half a header helps nobody; the first error is the one to tell
    ::close(descriptor_);
    throw;
  }
}

RoundLogWriter::~RoundLogWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RoundLogWriter::write_buffer(std::int64_t at) {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t count = ::pwrite(descriptor_, buffer_.data() + done, buffer_.size() - done,
                                   static_cast<off_t>(at) + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(path_, "cannot be written");
    done += static_cast<std::size_t>(count);
  }
  end_ = at + static_cast<std::int64_t>(buffer_.size());
}

void RoundLogWriter::append(std::uint32_t type, const void* payload, std::size_t bytes) {
  if (descriptor_ < 0) throw Failure(path_ + ": closed after a failed write");
  if (bytes > most_round_log_payload) {
    throw Failure(path_ + ": a record of " + std::to_string(bytes) + " bytes, at most " +
                  std::to_string(most_round_log_payload));
  }
  round_log_format::RecordHead head;
  head.type = type;
  head.length = static_cast<std::uint32_t>(bytes);
  head.sum = round_log_format::record_sum(records_, head.type, head.length, payload);
  buffer_.assign(reinterpret_cast<const char*>(&head), sizeof head);
  if (bytes > 0) buffer_.append(static_cast<const char*>(payload), bytes);
  try {
    write_buffer(end_);
  } catch (const Failure&) {
    // Half a record before the next one would cost the next one too.
    if (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0) {
      ::close(descriptor_);
      descriptor_ = -1;
    }
    throw;
  }
  ++records_;
}

void RoundLogWriter::sync() {
  if (descriptor_ < 0) throw Failure(path_ + ": closed after a failed write");
  if (::fdatasync(descriptor_) != 0) fail(path_, "cannot be flushed to disk");
}

}  // namespace deepfog
