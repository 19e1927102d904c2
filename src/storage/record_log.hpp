#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "core/deadline.hpp"

namespace deepfog {

/// A type word and bytes; the writer's room gives them meaning.
struct LogRecord {
  std::string type;
  std::vector<char> payload;
};

/// When a record is safe. `every_record`: on disk before append() returns, for tasks that cost minutes.
/// `buffered`: with the operating system before append() returns, for data that come every few microseconds:
/// SIGKILL of the writer loses nothing, a power cut may lose what was appended in the last half minute or so.
enum class Durability { every_record, buffered };

/// What becomes of a log that is there already: it is continued, or emptied.
enum class ExistingLog { resume, replace };

/// Append-only file of checksummed records. A kill at any moment loses at most the record being written,
/// which the next opening cuts off. (HDF5 flushed in place broke 5 of 150 files.) Layout in
/// record_log_format.hpp.
class RecordLog {
 public:
  /// Opens or creates the file and holds it alone (flock) for its life. Throws UserError when another process
  /// holds it ("in use by another job"), when the log to resume has another header text or is none; Failure
  /// on system errors.
  RecordLog(const std::string& path, const std::string& header_text,
            ExistingLog existing = ExistingLog::resume, Durability durability = Durability::every_record);
  ~RecordLog();
  RecordLog(const RecordLog&) = delete;
  RecordLog& operator=(const RecordLog&) = delete;

  const std::string& header_text() const { return header_text_; }
  const std::vector<LogRecord>& records() const { return records_; }  ///< those found at opening
  std::int64_t bytes_cut() const { return bytes_cut_; }  ///< behind the last good record of these

  /// Throws Failure; the records before stay whole, and the next append() may succeed.
  void append(std::string_view type, const std::vector<char>& payload);
  void append(const LogRecord& record) { append(record.type, record.payload); }
  void remove();  ///< unlinks the file, once what it stands for is finished

 private:
  void resume();
  void start();
  std::string path_, header_text_, buffer_;
  Durability durability_;
  int descriptor_ = -1;
  std::vector<LogRecord> records_;
  std::int64_t bytes_cut_ = 0, end_ = 0;
  std::uint64_t count_ = 0;
};

/// How a log ends. `torn`: in the middle of its last record, as a killed writer leaves it. `damaged`: what
/// follows the last good record is no beginning of a record; there may have been others behind it.
enum class LogEnd { whole, torn, damaged };

/// Reads a log record by record without a lock, also while its writer lives: then as far as the file reached
/// at opening. Changes nothing.
class RecordLogReader {
 public:
  /// Throws UserError when the file is no record log or its header is damaged, Failure on system errors.
  explicit RecordLogReader(const std::string& path);
  /// Reads the open file `descriptor`, which stays the caller's. @param path  for messages
  RecordLogReader(int descriptor, const std::string& path);
  ~RecordLogReader();
  RecordLogReader(const RecordLogReader&) = delete;
  RecordLogReader& operator=(const RecordLogReader&) = delete;

  bool exists() const { return file_ != nullptr; }
  bool begun() const { return begun_; }  ///< false: no file, or its writer was killed over the header
  const std::string& header_text() const { return header_text_; }  ///< empty unless begun()

  /// The next record; false at the end or at the first bad one: nothing behind it is trusted. Throws Failure.
  bool next(LogRecord& record);

  // Known once next() was false:
  LogEnd end() const { return end_; }
  std::int64_t position() const { return size_ - left_; }  ///< in the file, behind the last good record
  std::int64_t bytes_lost() const { return left_; }        ///< behind the last good record

 private:
  void open(int descriptor);
  void read_header();
  void read(void* into, std::size_t bytes);
  std::string path_, header_text_;
  std::FILE* file_ = nullptr;
  std::int64_t size_ = 0, left_ = 0;
  std::uint64_t count_ = 0;
  LogEnd end_ = LogEnd::whole;
  bool begun_ = false, ended_ = false;
};

/// All of a log; empty if it does not exist or has no whole header yet. Throws as RecordLogReader does.
struct RecordLogContent {
  std::string header_text;
  std::vector<LogRecord> records;
  LogEnd end = LogEnd::whole;
  std::int64_t bytes_lost = 0;
};
RecordLogContent read_record_log(const std::string& path);
std::string record_log_header(const std::string& path);  ///< only the header text

/// Holds a log that nobody writes any longer: of several who try, one gets it. A writer that is stopped still
/// holds its log.
class RecordLogClaim {
 public:
  /// Tries until the deadline; once at least.
  explicit RecordLogClaim(const std::string& path, const Deadline& deadline = Deadline::in({}));
  ~RecordLogClaim();
  RecordLogClaim(const RecordLogClaim&) = delete;
  RecordLogClaim& operator=(const RecordLogClaim&) = delete;
  bool exists() const { return descriptor_ >= 0; }
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace deepfog
