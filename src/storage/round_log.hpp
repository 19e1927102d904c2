#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace deepfog {

/// What came in: a type number and its bytes (the writer's room gives them meaning).
struct RoundLogRecord {
  std::uint32_t type = 0;
  std::vector<char> payload;
};

/// No record is longer; a longer one in a file is damage.
constexpr std::uint32_t most_round_log_payload = 16U << 20;

/// What becomes of a file that is there already.
enum class ExistingRoundLog { refuse, replace };

/// Append-only file of checksummed records for data that come every few microseconds: one write() a record,
/// no fsync. SIGKILL of the writer loses nothing that append() has returned from; a power cut may lose the
/// records since the last sync(). Units of work that cost minutes belong into a Journal instead.
/// Layout in round_log_format.hpp.
class RoundLogWriter {
 public:
  /// Makes the file, with a header that tells what it is about, and holds it alone (flock) for its life.
  /// Throws UserError when it is there already and not to be replaced, or in use by another job; Failure on
  /// system errors.
  RoundLogWriter(const std::string& path, const std::string& header_text,
                 ExistingRoundLog existing = ExistingRoundLog::refuse);
  ~RoundLogWriter();
  RoundLogWriter(const RoundLogWriter&) = delete;
  RoundLogWriter& operator=(const RoundLogWriter&) = delete;

  /// Throws Failure; what was written before stays whole. @param bytes at most most_round_log_payload
  void append(std::uint32_t type, const void* payload, std::size_t bytes);
  void append(std::uint32_t type, const std::vector<char>& payload) {
    append(type, payload.data(), payload.size());
  }
  void sync();  ///< to disk. Throws Failure.

  std::int64_t records() const { return static_cast<std::int64_t>(records_); }
  std::int64_t bytes() const { return end_; }  ///< of the file

 private:
  void write_buffer(std::int64_t at);
  std::string path_, buffer_;
  int descriptor_ = -1;
  std::int64_t end_ = 0;
  std::uint64_t records_ = 0;
};

/// How a round log ends. `torn`: in the middle of its last record, as a killed writer leaves it. `damaged`:
/// what follows the last good record is no beginning of a record; there may have been others behind it.
enum class RoundLogEnd { whole, torn, damaged };

/// Reads a round log from its beginning, record by record, also while its writer lives: then as far as the
/// file reached at opening.
class RoundLogReader {
 public:
  /// Throws UserError when this is no round log or its header is not whole, Failure on system errors.
  explicit RoundLogReader(const std::string& path);
  ~RoundLogReader();
  RoundLogReader(const RoundLogReader&) = delete;
  RoundLogReader& operator=(const RoundLogReader&) = delete;

  const std::string& header_text() const { return header_text_; }

  /// The next record; false at the end or at the first bad one: nothing behind it is trusted. Throws Failure.
  bool next(RoundLogRecord& record);

  // Known once next() was false:
  RoundLogEnd end() const { return end_; }
  std::int64_t bytes_lost() const { return left_; }  ///< behind the last good record

 private:
  void read_header();
  void read(void* into, std::size_t bytes);
  std::string path_, header_text_;
  std::FILE* file_ = nullptr;
  std::int64_t left_ = 0;  ///< bytes behind the last good record
  std::uint64_t records_ = 0;
  RoundLogEnd end_ = RoundLogEnd::whole;
  bool ended_ = false;
};

/// All of a round log that fits in memory.
struct RoundLog {
  std::string header_text;
  std::vector<RoundLogRecord> records;
  RoundLogEnd end = RoundLogEnd::whole;
  std::int64_t bytes_lost = 0;
};
RoundLog read_round_log(const std::string& path);

}  // namespace deepfog
