#pragma once

#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "inference/conductor.hpp"
#include "storage/spool.hpp"

namespace deepfog {

/// One figure of the built-in ping-pong.
struct Hop {
  int link = 0;
  std::int64_t bytes = 0;
  double half_round_trip_us = 0;
};

/// Where a group's conductor puts its findings as they come: SIGKILL loses none.
class RoundSpool : public ConductorSink {
 public:
  /// @param key  what run this is; read_group() refuses spools of another
  RoundSpool(const std::string& path, const std::string& key) : writer_(path, key, ExistingSpool::replace) {}
  void round(const RoundRecord& record) override;
  void phase(const PhaseRecord& record) override;
  void report(const NodeReport& report) override;
  void about(const std::vector<char>& run);  ///< an encoded LoggedRun, before everything else
  void hop(const Hop& hop);
  void end(bool interrupted);  ///< the conductor came to its end

 private:
  SpoolWriter writer_;
};

/// All that a group's conductor found.
struct GroupFindings {
  std::vector<RoundRecord> rounds;
  std::vector<PhaseRecord> phases;
  std::vector<NodeReport> reports;
  std::vector<Hop> hops;
  bool ended = false, interrupted = false;
  std::int64_t bytes_damaged = 0;  ///< behind the last good record, that no killed writer leaves behind
};

/// `<output>.group<g>.rounds`
std::string spool_path(const std::string& output, int group);

/// The other way: what spool_path() was given; empty when this is not a round log's name.
std::string output_of_spool(const std::string& path);

bool is_round(const SpoolRecord& record);

/// A round log's key, and what about() put in; empty when the writer was killed before that.
struct SpoolSubject {
  std::string key;
  std::vector<char> run;
};
/// Throws UserError when it is no spool.
SpoolSubject read_subject(const std::string& path);

/// Reads a spool; what its writer was killed over is left out. Throws Failure when it is of another run or
/// holds what no conductor wrote, UserError when there is none.
GroupFindings read_group(const std::string& path, const std::string& key, int links, int nodes);

/// Holds a spool that nobody writes any longer: of several who try, one gets it. A writer that is stopped
/// still holds its spool.
class SpoolClaim {
 public:
  /// Tries until the deadline; once at least.
  explicit SpoolClaim(const std::string& path, const Deadline& deadline = Deadline::in({}));
  ~SpoolClaim();
  SpoolClaim(const SpoolClaim&) = delete;
  SpoolClaim& operator=(const SpoolClaim&) = delete;
  bool exists() const { return descriptor_ >= 0; }
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace deepfog
