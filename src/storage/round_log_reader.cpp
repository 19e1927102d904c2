#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "storage/round_log.hpp"
#include "storage/round_log_format.hpp"

namespace deepfog {
namespace {

using namespace round_log_format;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Failure(path + ": " + what + ": " + std::strerror(errno));
}

/// @param bytes of the file at this moment
std::FILE* open_file(const std::string& path, std::int64_t& bytes) {
  // O_NONBLOCK: a pipe without a writer must not make us wait.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && errno == ENOENT) throw UserError(path, "no such file", "a spool of a run");
  if (descriptor < 0 && errno == ELOOP) throw UserError(path, "a symbolic link", "a spool of a run");
  if (descriptor < 0) fail(path, "cannot be opened");
  struct stat status {};
  std::FILE* file = nullptr;
  const bool known = ::fstat(descriptor, &status) == 0;
  if (known && S_ISREG(status.st_mode)) file = ::fdopen(descriptor, "rb");
  if (file != nullptr) {
    bytes = static_cast<std::int64_t>(status.st_size);
    return file;
  }
  const int reason = errno;
  ::close(descriptor);
  if (known && !S_ISREG(status.st_mode)) throw UserError(path, "not a regular file", "a spool of a run");
  errno = reason;
  fail(path, "cannot be read");
}

}  // namespace

RoundLogReader::RoundLogReader(const std::string& path) : path_(path) {
  file_ = open_file(path, left_);
  try {
    read_header();
  } catch (...) {
    std::fclose(file_);
    throw;
  }
}

RoundLogReader::~RoundLogReader() {
  std::fclose(file_);  // nothing was written: no status to lose
}

/// The caller has made sure that the file had this many bytes.
void RoundLogReader::read(void* into, std::size_t bytes) {
  if (bytes == 0 || std::fread(into, 1, bytes, file_) == bytes) return;
  if (std::ferror(file_) != 0) fail(path_, "cannot be read");
  throw Failure(path_ + ": became shorter while it was read");
}

void RoundLogReader::read_header() {
  const auto bytes = static_cast<std::uint64_t>(left_);
  char begin[text_at] = "";
  const std::size_t known = bytes < text_at ? static_cast<std::size_t>(bytes) : text_at;
  read(begin, known);
  if (std::memcmp(begin, magic, known < magic_bytes ? known : magic_bytes) != 0) {
    throw UserError(path_, "not a DeepFog spool", "a spool of a run");
  }
  const auto refuse = [&](const std::string& what) { throw UserError(path_, what, "a spool of a run"); };
  if (bytes < text_at + sum_bytes) refuse("its header is incomplete");
  std::uint32_t length = 0;
  std::memcpy(&length, begin + magic_bytes, sizeof length);
  if (length > most_text) refuse("its header is damaged");
  if (length > bytes - text_at - sum_bytes) refuse("its header is incomplete");
  header_text_.resize(length);
  read(header_text_.data(), length);
  std::uint64_t stored = 0;
  read(&stored, sizeof stored);
  Sum sum;
  sum.add(begin, text_at);
  sum.add(header_text_.data(), length);
  if (sum.value() != stored) refuse("its header is damaged");
  left_ -= static_cast<std::int64_t>(text_at + length + sum_bytes);
}

bool RoundLogReader::next(RoundLogRecord& record) {
  if (ended_) return false;
  ended_ = true;  // unless a good record follows
  if (left_ == 0) return false;
  end_ = RoundLogEnd::torn;
  RecordHead head;
  if (left_ < static_cast<std::int64_t>(sizeof head)) return false;
  read(&head, sizeof head);
  const std::int64_t room = left_ - static_cast<std::int64_t>(sizeof head);
  if (head.length > most_round_log_payload) {
    end_ = RoundLogEnd::damaged;
    return false;
  }
  if (head.length > room) return false;
  record.type = head.type;
  record.payload.resize(head.length);
  read(record.payload.data(), head.length);
  if (record_sum(records_, head.type, head.length, record.payload.data()) != head.sum) {
    record = {};
    end_ = RoundLogEnd::damaged;
    return false;
  }
  left_ = room - head.length;
  ++records_;
  end_ = RoundLogEnd::whole;
  ended_ = false;
  return true;
}

RoundLog read_round_log(const std::string& path) {
  RoundLogReader reader(path);
  RoundLog round_log;
  round_log.header_text = reader.header_text();
  for (RoundLogRecord record; reader.next(record); record = {})
    round_log.records.push_back(std::move(record));
  round_log.end = reader.end();
  round_log.bytes_lost = reader.bytes_lost();
  return round_log;
}

}  // namespace deepfog
