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
};

/// `<output>.group<g>.rounds`
std::string spool_path(const std::string& output, int group);

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
