#pragma once

#include <string>
#include <vector>

#include "inference/round_driver.hpp"
#include "storage/record_log.hpp"

namespace deepfog {

/// One figure of the built-in ping-pong.
struct Hop {
  int link = 0;
  std::int64_t bytes = 0;
  double half_round_trip_us = 0;
};

/// Where a group's round driver puts its records as they come: SIGKILL loses none.
class RoundRecorder : public RoundDriverSink {
 public:
  /// @param key  what run this is; read_group() refuses round logs of another
  RoundRecorder(const std::string& path, const std::string& key)
      : log_(path, key, ExistingLog::replace, Durability::buffered) {}
  void round(const RoundRecord& record) override;
  void phase(const PhaseRecord& record) override;
  void report(const NodeReport& report) override;
  void about(const std::vector<char>& run);  ///< an encoded LoggedRun, before everything else
  void hop(const Hop& hop);
  void end(bool interrupted);  ///< the round driver came to its end

 private:
  RecordLog log_;
};

/// All that a group's round driver found.
struct GroupRecords {
  std::vector<RoundRecord> rounds;
  std::vector<PhaseRecord> phases;
  std::vector<NodeReport> reports;
  std::vector<Hop> hops;
  bool ended = false, interrupted = false;
  std::int64_t bytes_damaged = 0;  ///< behind the last good record, that no killed writer leaves behind
};

/// `<output>.group<g>.rounds`
std::string round_log_path(const std::string& output, int group);

/// The other way: what round_log_path() was given; empty when this is not a round log's name.
std::string output_of_round_log(const std::string& path);

bool is_round(const LogRecord& record);

/// A round log's key, and what about() put in; empty when the writer was killed before that.
struct RoundLogSubject {
  std::string key;
  std::vector<char> run;
};
/// Throws UserError when it is no round log.
RoundLogSubject read_subject(const std::string& path);

/// Reads a round log; what its writer was killed over is left out. Throws Failure when it is of another run
/// or holds what no round driver wrote, UserError when there is none.
GroupRecords read_group(const std::string& path, const std::string& key, int links, int nodes);

}  // namespace deepfog
