#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepfog {

/// One finished task: a type word and its bytes (the campaign gives them meaning).
struct JournalRecord {
  std::string type;
  std::vector<char> payload;
};

/// Append-only file beside the results, one checksummed record a finished task, fsynced before append()
/// returns: a kill at any moment loses at most the record being written. Flushing HDF5 in place broke 5 of
/// 150 files; this does not. Layout: "DFJ1" header with the campaign's sha256, then records [type length u32,
/// payload length u64, type, payload, sha256 of these].
class Journal {
 public:
  /// Opens or creates; takes an exclusive lock (flock) for its life. Existing records are read first; a torn
  /// last record is cut off. Throws UserError when another process holds it ("in use by another job") or when
  /// the header's campaign differs (the caller shows the difference), Failure on system errors.
  Journal(const std::string& path, const std::string& header_text);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const std::string& header_text() const { return header_text_; }
  const std::vector<JournalRecord>& records() const { return records_; }  ///< those found at opening
  std::int64_t bytes_cut() const { return bytes_cut_; }                   ///< of a torn last record
  void append(const JournalRecord& record);
  void remove();  ///< the finished file stands alone: unlink after it is in place

 private:
  std::string path_, header_text_;
  int descriptor_ = -1;
  std::vector<JournalRecord> records_;
  std::int64_t bytes_cut_ = 0;
};

/// A journal as it stands, its writer at work or not: no lock, nothing is cut off. No journal: all empty.
/// Throws as journal_header().
struct JournalContent {
  std::string header_text;
  std::vector<JournalRecord> records;
};
JournalContent read_journal(const std::string& path);

/// The header text of an existing journal (the config it was started with); empty when there is no journal.
std::string journal_header(const std::string& path);

}  // namespace deepfog
