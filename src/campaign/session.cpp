#include "campaign/session.hpp"

#include <ctime>

#include "campaign/records.hpp"
#include "core/error.hpp"
#include "core/job_record.hpp"

namespace deepfog {

SessionResults session_record(const SessionInfo& info, int threads_per_rank, const std::string& ended) {
  const JobRecord job = job_record();
  SessionResults session;
  session.text = {{"began", info.began.empty() ? info.created : info.began},
                  {"ended", ended},
                  {"command_line", info.command_line},
                  {"hosts", info.hosts},
                  {"job", job.job},
                  {"nodes", job.nodes},
                  {"modules", job.modules},
                  {"share", info.shard}};
  session.integers = {{"ranks", info.ranks}, {"threads_per_rank", threads_per_rank}, {"cores", info.cores}};
  session.environment = job.environment;
  return session;
}

std::vector<SessionResults> sessions_in(const std::vector<LogRecord>& records, const std::string& where) {
  std::vector<SessionResults> sessions;
  for (const LogRecord& entry : records) {
    if (entry.type == record::session_type) sessions.push_back(record::decode_session(entry, where));
    if (entry.type == record::session_end_type && !sessions.empty())
      sessions.back().text["ended"] = record::decode_session_end(entry, where).ended;
  }
  return sessions;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  char text[32] = {};
  if (gmtime_r(&now, &utc) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
    throw Failure("the system's clock cannot be read");
  }
  return text;
}

}  // namespace deepfog
