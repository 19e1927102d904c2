// Journals and round logs: their bytes, and records with good checksums around spoiled payloads.
#include "campaign/records.hpp"
#include "core/error.hpp"
#include "distributed/round_recorder.hpp"
#include "fuzz.hpp"
#include "mutate.hpp"
#include "storage/record_log.hpp"
#include "storage/record_log_format.hpp"

namespace deepfog::fuzz {
namespace {

constexpr char kHeader[] = "[campaign]\nseed = 1\n";
constexpr int kLinks = 35, kNodes = 3;

SweepCounts sample_counts() {
  SweepCounts counts;
  counts.correct = {0, 3, 4, 9};
  counts.confusion.assign(16, 2);
  counts.samples = 10;
  counts.exits.thresholds = {.5};
  for (auto* list : lists_of(counts.exits)) list->assign(4, 1);
  counts.right = SampleHits(3, 10);
  return counts;
}

std::vector<LogRecord> sample_records() {
  const RunKey key{0, 1, 2};
  const std::string sum(64, 'a');
  LargeDiagramResult large_diagram;
  large_diagram.settings = {{.25, .75, .5, .9, "bounds"}, {.1, .2, .15, 0, "sampling"}};
  large_diagram.combinations = 1000;
  SessionResults session;
  session.text = {{"host", "a"}, {"started", "2026-01-01T00:00:00Z"}};
  session.integers = {{"ranks", 2}};
  session.environment = "PATH=/bin\n";
  SweepCounts plain = sample_counts();
  plain.exits = {};
  plain.right = {};
  return {record::encode(record::Inputs{"2026-01-01T00:00:00Z", "data abc\ntopology def\n"}),
          record::encode(session),
          record::encode(record::Training{key, sum, .9, 3, 0, 1.5}),
          record::encode(record::Sweep{key, 0, 10, sum, sample_counts(), .5}),
          record::encode(record::Sweep{key, 0, 10, sum, plain, .5}),
          record::encode(record::Bounds{key, sum, large_diagram, 2.5}),
          record::encode(record::SessionEnd{"2026-01-01T01:00:00Z"})};
}

class JournalReader : public Reader {
 public:
  explicit JournalReader(const std::string&) : records_(sample_records()) {}

  void make(RandomStream& draw, const std::string& path) override {
    std::string bytes = record_log_format::encode_header(kHeader, "pid 1 on a"), encoded;
    std::uint64_t number = 0;
    const bool whole = draw.below(4) != 0;  // spoiled inside, with good sums
    for (std::uint64_t left = 1 + draw.below(5); left > 0; --left) {
      LogRecord record = records_[draw.below(records_.size())];
      if (whole && draw.below(3) != 0) {
        const std::string spoiled = mutate_bytes({record.payload.begin(), record.payload.end()}, draw);
        record.payload.assign(spoiled.begin(), spoiled.end());
      }
      if (whole && draw.below(10) == 0) record.type = records_[draw.below(records_.size())].type;
      if (whole && draw.below(50) == 0) record.type = mutate_bytes(record.type, draw);
      record_log_format::encode_record(number++, record.type, record.payload, encoded);
      bytes += encoded;
    }
    write_bytes(path, whole ? bytes : mutate_bytes(bytes, draw));
  }

  void read(const std::string& path) override {
    answered([&] { record_log_header(path); });
    answered([&] {
      for (const LogRecord& record : read_record_log(path).records) decode(record, path);
    });
    answered([&] { const RecordLog journal(path, kHeader); });
  }

 private:
  static void decode(const LogRecord& record, const std::string& where) {
    answered([&] {
      if (record.type == record::inputs_type) record::decode_inputs(record, where);
      if (record.type == record::training_type) record::decode_training(record, where);
      if (record.type == record::sweep_type) record::decode_sweep(record, where);
      if (record.type == record::bounds_type) record::decode_bounds(record, where);
      if (record.type == record::session_type) record::decode_session(record, where);
      if (record.type == record::session_end_type) record::decode_session_end(record, where);
    });
  }
  std::vector<LogRecord> records_;
};

class RoundsReader : public Reader {
 public:
  explicit RoundsReader(const std::string& folder) {
    const std::string path = folder + "/seed";
    {
      RoundRecorder round_log(path, "this run");
      round_log.hop({4, 512, 3.25});
      for (std::int64_t number = 0; number < 3; ++number) round_log.round(round(number));
      round_log.phase({1, 500, 2});
      NodeReport report;
      report.node = 2;
      report.links.resize(kLinks);
      report.transitions.push_back({1, MemberEvent::returned, 88, 4, 7});
      round_log.report(report);
      round_log.end(false);
    }
    seed_ = read_bytes(path);
    records_ = read_record_log(path).records;
  }

  void make(RandomStream& draw, const std::string& path) override {
    if (draw.below(4) == 0) return write_bytes(path, mutate_bytes(seed_, draw));
    RecordLog writer(path, "this run", ExistingLog::replace, Durability::buffered);
    for (std::uint64_t left = 1 + draw.below(5); left > 0; --left) {
      LogRecord record = records_[draw.below(records_.size())];
      const std::string spoiled = mutate_bytes({record.payload.begin(), record.payload.end()}, draw);
      if (draw.below(3) != 0) record.payload.assign(spoiled.begin(), spoiled.end());
      if (draw.below(20) == 0) record.type = mutate_bytes(record.type, draw);
      if (record.type.size() <= 4096) writer.append(record);
    }
  }

  void read(const std::string& path) override {
    answered([&] { read_record_log(path); });
    answered([&] { read_group(path, "this run", kLinks, kNodes); });
  }

 private:
  static RoundRecord round(std::int64_t number) {
    RoundRecord record;
    record.frame = {number, 1, 2, 6};
    record.latency_us = 77;
    record.phi = number == 2;
    record.waited_for = 34;
    record.used = record.timed_out = LinkSet(kLinks);
    record.used.add(34);
    if (!record.phi) record.predictions = record.exits = {2, 0};
    return record;
  }
  std::string seed_;
  std::vector<LogRecord> records_;
};

}  // namespace

std::vector<NamedReader> log_readers() {
  return {{"journals", [](const std::string& folder) { return std::make_unique<JournalReader>(folder); }},
          {"rounds", [](const std::string& folder) { return std::make_unique<RoundsReader>(folder); }}};
}

}  // namespace deepfog::fuzz
