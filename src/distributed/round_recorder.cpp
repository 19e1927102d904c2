#include "distributed/round_recorder.hpp"

#include <cstring>
#include <string_view>

#include "core/codec.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::string_view round_type = "round", phase_type = "phase", report_type = "report",
                           hop_type = "hop", end_type = "end", about_type = "about";

void put(Encoder& to, const LinkSet& set) {
  to.put_list(std::vector<std::uint8_t>(set.data(), set.data() + set.bytes()));
}

LinkSet get_link_set(Decoder& from, int links) {
  LinkSet set(links);
  const auto bytes = from.get_list<std::uint8_t>();
  if (bytes.size() != set.bytes()) from.refuse("hyperconnections of another network");
  if (!bytes.empty()) std::memcpy(set.data(), bytes.data(), bytes.size());
  if (!set.clean()) from.refuse("a hyperconnection that is not there");
  return set;
}

RoundRecord get_round(Decoder& from, int links) {
  RoundRecord record;
  record.frame.round = from.get<std::int64_t>();
  record.frame.phase = from.get<std::int32_t>();
  record.frame.rows = from.get<std::int32_t>();
  record.frame.first_sample = from.get<std::int64_t>();
  record.arrival_us = from.get<std::int64_t>();
  record.latency_us = from.get<std::int64_t>();
  record.phi = from.get<std::uint8_t>() != 0;
  record.waited_for = from.get<std::int32_t>();
  record.used = get_link_set(from, links);
  record.timed_out = get_link_set(from, links);
  record.predictions = from.get_list<std::int64_t>();
  record.exits = from.get_list<std::int64_t>();
  const auto rows = static_cast<std::size_t>(record.phi ? 0 : record.frame.rows);
  if (record.frame.rows < 1 || record.predictions.size() != rows) from.refuse("predictions and rows differ");
  if (!record.exits.empty() && record.exits.size() != rows) from.refuse("exits and rows differ");
  return record;
}

void demand_begun(const RecordLogReader& reader, const std::string& path) {
  if (!reader.begun())
    throw UserError(path, reader.exists() ? "its header is incomplete" : "no such file",
                    "the round log of a run");
}

}  // namespace

void RoundRecorder::round(const RoundRecord& record) {
  Encoder to;
  to.put(record.frame.round);
  to.put(record.frame.phase);
  to.put(record.frame.rows);
  to.put(record.frame.first_sample);
  to.put(record.arrival_us);
  to.put(record.latency_us);
  to.put(static_cast<std::uint8_t>(record.phi));
  to.put(static_cast<std::int32_t>(record.waited_for));
  put(to, record.used);
  put(to, record.timed_out);
  to.put_list(record.predictions);
  to.put_list(record.exits);
  log_.append(round_type, to.take());
}

void RoundRecorder::phase(const PhaseRecord& record) {
  Encoder to;
  to.put(static_cast<std::int32_t>(record.phase));
  to.put(record.settle_us);
  to.put(record.repeats);
  log_.append(phase_type, to.take());
}

void RoundRecorder::report(const NodeReport& report) {
  Encoder to;
  to.put(static_cast<std::int32_t>(report.node));
  to.put_list(encode_report(report));
  log_.append(report_type, to.take());
}

void RoundRecorder::about(const std::vector<char>& run) {
  log_.append(about_type, run);
}

void RoundRecorder::hop(const Hop& hop) {
  Encoder to;
  to.put(static_cast<std::int32_t>(hop.link));
  to.put(hop.bytes);
  to.put(hop.half_round_trip_us);
  log_.append(hop_type, to.take());
}

void RoundRecorder::end(bool interrupted) {
  Encoder to;
  to.put(static_cast<std::uint8_t>(interrupted));
  log_.append(end_type, to.take());
}

std::string round_log_path(const std::string& output, int group) {
  return output + ".group" + std::to_string(group) + ".rounds";
}

std::string output_of_round_log(const std::string& path) {
  static const std::string before = ".group", behind = ".rounds";
  if (path.size() < behind.size() || path.compare(path.size() - behind.size(), behind.size(), behind) != 0)
    return "";
  const std::string left = path.substr(0, path.size() - behind.size());
  const auto at = left.rfind(before);
  if (at == std::string::npos || at == 0) return "";
  const std::string number = left.substr(at + before.size());
  const bool digits = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  return digits ? left.substr(0, at) : "";
}

bool is_round(const LogRecord& record) {
  return record.type == round_type;
}

RoundLogSubject read_subject(const std::string& path) {
  RecordLogReader reader(path);
  demand_begun(reader, path);
  RoundLogSubject subject{reader.header_text(), {}};
  LogRecord record;
  if (reader.next(record) && record.type == about_type) subject.run = record.payload;
  return subject;
}

GroupRecords read_group(const std::string& path, const std::string& key, int links, int nodes) {
  RecordLogReader reader(path);
  demand_begun(reader, path);
  if (reader.header_text() != key) throw Failure(path + ": of another run");
  GroupRecords group;
  for (LogRecord record; reader.next(record);) {
    Decoder from(record.payload, path);
    if (record.type == round_type) {
      group.rounds.push_back(get_round(from, links));
    } else if (record.type == phase_type) {
      const auto phase = from.get<std::int32_t>();
      const auto settle_us = from.get<std::int64_t>();
      group.phases.push_back({phase, settle_us, from.get<std::int64_t>()});
    } else if (record.type == report_type) {
      const auto node = from.get<std::int32_t>();
      group.reports.push_back(decode_report(from.get_list<char>(), node, links, nodes));
    } else if (record.type == hop_type) {
      const auto link = from.get<std::int32_t>();
      const auto bytes = from.get<std::int64_t>();
      group.hops.push_back({link, bytes, from.get<double>()});
    } else if (record.type == end_type) {
      group.ended = true;
      group.interrupted = from.get<std::uint8_t>() != 0;
    } else if (record.type == about_type) {
      continue;  // for readers that do not know the run
    } else {
      from.refuse("a record of unknown type '" + record.type + "'");
    }
    from.finish();
  }
  if (reader.end() == LogEnd::damaged) group.bytes_damaged = reader.bytes_lost();
  return group;
}

}  // namespace deepfog
