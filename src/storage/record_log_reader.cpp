#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "storage/record_log.hpp"
#include "storage/record_log_format.hpp"

namespace deepfog {
namespace {

using namespace record_log_format;

const char* const kAllowed = "a record log or no file";

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

void check_magic(std::string_view begin, const std::string& path) {
  for (const std::string_view earlier : earlier_magics) {
    if (begin == earlier)
      throw UserError(path, "written by an earlier version of DeepFog",
                      "that version can finish it; or delete this file");
  }
  if (magic.compare(0, begin.size(), begin) != 0) throw UserError(path, "not a DeepFog record log", kAllowed);
}

}  // namespace

RecordLogReader::RecordLogReader(const std::string& path) : path_(path) {
  // O_NONBLOCK: a pipe without a writer must not make us wait.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT) return;
    if (errno == ELOOP) throw UserError(path, "a symbolic link", kAllowed);
    throw UserError(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  open(descriptor);
}

RecordLogReader::RecordLogReader(int descriptor, const std::string& path) : path_(path) {
  const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) fail(path_, "cannot be read");
  open(own);
}

RecordLogReader::~RecordLogReader() {
  if (file_ != nullptr) std::fclose(file_);  // nothing was written: no status to lose
}

/// Takes the descriptor over.
void RecordLogReader::open(int descriptor) {
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  if (known && S_ISREG(status.st_mode)) file_ = ::fdopen(descriptor, "rb");
  if (file_ == nullptr) {
    const int reason = errno;
    ::close(descriptor);
    if (known && !S_ISREG(status.st_mode)) throw UserError(path_, "not a regular file", kAllowed);
    errno = reason;
    fail(path_, "cannot be read");
  }
  size_ = left_ = static_cast<std::int64_t>(status.st_size);
  try {
    if (std::fseek(file_, 0, SEEK_SET) != 0) fail(path_, "cannot be read");
    read_header();
  } catch (...) {
    std::fclose(file_);
    throw;
  }
}

/// The caller has made sure that the file had this many bytes.
void RecordLogReader::read(void* into, std::size_t bytes) {
  if (bytes == 0 || std::fread(into, 1, bytes, file_) == bytes) return;
  if (std::ferror(file_) != 0) fail(path_, "cannot be read");
  throw Failure(path_ + ": became shorter while it was read");
}

void RecordLogReader::read_header() {
  const auto bytes = static_cast<std::uint64_t>(left_);
  char begin[text_at] = "";
  const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, text_at));
  read(begin, known);
  check_magic({begin, std::min(known, magic.size())}, path_);
  if (bytes < text_at + sum_bytes) return;
  const auto damaged = [&] { throw UserError(path_, "its header is damaged", "delete this file"); };
  std::uint64_t length = 0, stored = 0;
  std::memcpy(&length, begin + length_at, sizeof length);
  if (length > most_text) damaged();
  if (length > bytes - text_at - sum_bytes) return;
  std::string text(static_cast<std::size_t>(length), '\0');
  read(text.data(), text.size());
  read(&stored, sizeof stored);
  Sum sum;
  sum.add(magic.data(), magic.size());
  sum.add(&length, sizeof length);
  sum.add(text.data(), text.size());
  if (sum.value() != stored) damaged();
  header_text_ = std::move(text);
  left_ -= static_cast<std::int64_t>(text_at + length + sum_bytes);
  begun_ = true;
}

bool RecordLogReader::next(LogRecord& record) {
  if (ended_ || !begun_) return false;
  ended_ = true;  // unless a good record follows
  if (left_ == 0) return false;
  end_ = LogEnd::torn;
  RecordHead head;
  if (left_ < static_cast<std::int64_t>(sizeof head)) return false;
  read(&head, sizeof head);
  const auto room = static_cast<std::uint64_t>(left_) - sizeof head;
  if (head.lengths_sum != lengths_sum(count_, head) || head.type_bytes > most_type) {
    end_ = LogEnd::damaged;
    return false;
  }
  if (head.type_bytes > room || head.payload_bytes > room - head.type_bytes) return false;
  record.type.resize(head.type_bytes);
  record.payload.resize(static_cast<std::size_t>(head.payload_bytes));
  read(record.type.data(), record.type.size());
  read(record.payload.data(), record.payload.size());
  if (record_sum(count_, head, record.type, record.payload) != head.sum) {
    record = {};
    end_ = LogEnd::damaged;
    return false;
  }
  left_ = static_cast<std::int64_t>(room - head.type_bytes - head.payload_bytes);
  ++count_;
  end_ = LogEnd::whole;
  ended_ = false;
  return true;
}

RecordLogContent read_record_log(const std::string& path) {
  RecordLogReader reader(path);
  RecordLogContent content;
  content.header_text = reader.header_text();
  for (LogRecord record; reader.next(record); record = {}) content.records.push_back(std::move(record));
  content.end = reader.end();
  content.bytes_lost = reader.bytes_lost();
  return content;
}

std::string record_log_header(const std::string& path) {
  return RecordLogReader(path).header_text();
}

}  // namespace deepfog
