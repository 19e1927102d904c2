#pragma once

#include <string>
#include <vector>

#include "inference/round_driver.hpp"
#include "storage/record_log.hpp"

namespace deepfog {

/// One result of the built-in ping-pong.
struct Hop {
  int link = 0;
  std::int64_t bytes = 0;
  double half_round_trip_us = 0;
};

/// Writes the records of a group's round driver as they come, so that SIGKILL loses none.
class RoundRecorder : public RoundDriverSink {
 public:
  /// @param key  identifies the run; read_group() refuses round logs of another run
  RoundRecorder(const std::string& path, const std::string& key)
      : log_(path, key, ExistingLog::replace, Durability::buffered) {}
  void round(const RoundRecord& record) override;
  void phase(const PhaseRecord& record) override;
  void report(const NodeReport& report) override;
  void about(const std::vector<char>& run);  ///< an encoded LoggedRun, the first record
  void hop(const Hop& hop);
  void end(bool interrupted);  ///< the round driver has finished

 private:
  RecordLog log_;
};

/// All records of a group's round driver.
struct GroupRecords {
  std::vector<RoundRecord> rounds;
  std::vector<PhaseRecord> phases;
  std::vector<NodeReport> reports;
  std::vector<Hop> hops;
  bool ended = false, interrupted = false;
  std::int64_t bytes_damaged = 0;  ///< bytes after the last good record that are not due to a killed writer
};

/// `<output>.group<g>.rounds`
std::string round_log_path(const std::string& output, int group);

/// The inverse of round_log_path(): returns its `output`; empty if this is not a round log's name.
std::string output_of_round_log(const std::string& path);

bool is_round(const LogRecord& record);

/// A round log's key and the record of about(); the latter is empty if the writer was killed before writing
/// it.
struct RoundLogSubject {
  std::string key;
  std::vector<char> run;
};
/// Throws UserError if the file is no round log.
RoundLogSubject read_subject(const std::string& path);

/// Reads a round log, leaving out a record whose writer was killed while writing it. Throws Failure if it is
/// of another run or contains records that no round driver writes; throws UserError if there is no log.
GroupRecords read_group(const std::string& path, const std::string& key, int links, int nodes);

}  // namespace deepfog
