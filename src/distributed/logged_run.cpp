#include "distributed/logged_run.hpp"

#include <filesystem>

#include "core/codec.hpp"

namespace deepfog {
namespace {

constexpr std::uint32_t kForm = 1;  ///< version of the encoding; increase it with every change of the fields

class Writing {
 public:
  void operator()(const std::string& text) { to_.put_text(text); }
  template <class T>
  void operator()(const T& value) {
    to_.put(value);
  }
  void operator()(const std::vector<std::int64_t>& list) { to_.put_list(list); }
  void operator()(const std::vector<std::string>& list) {
    to_.put(static_cast<std::uint64_t>(list.size()));
    for (const std::string& text : list) to_.put_text(text);
  }
  void operator()(const Scenario& scenario) { to_.put(static_cast<std::uint8_t>(scenario)); }
  void operator()(const bool& truth) { to_.put(static_cast<std::uint8_t>(truth)); }
  std::vector<char> take() { return to_.take(); }

 private:
  Encoder to_;
};

class Reading {
 public:
  explicit Reading(Decoder& from) : from_(from) {}
  void operator()(std::string& text) { text = from_.get_text(); }
  template <class T>
  void operator()(T& value) {
    value = from_.get<T>();
  }
  void operator()(std::vector<std::int64_t>& list) { list = from_.get_list<std::int64_t>(); }
  void operator()(std::vector<std::string>& list) {
    list.resize(from_.get_size(sizeof(std::uint64_t)));
    for (std::string& text : list) text = from_.get_text();
  }
  void operator()(Scenario& scenario) {
    const auto number = from_.get<std::uint8_t>();
    if (number > static_cast<std::uint8_t>(Scenario::server)) from_.refuse("an unknown scenario");
    scenario = static_cast<Scenario>(number);
  }
  void operator()(bool& truth) { truth = from_.get<std::uint8_t>() != 0; }

 private:
  Decoder& from_;
};

/// All fields in the order of the bytes, for both directions.
template <class Coder, class Record>
void code(Coder& each, Record& record) {
  auto& s = record.spec;
  for (auto* text : {&s.name, &s.output, &s.weights, &s.dataset, &s.command_line, &s.failures, &s.script,
                     &s.script_where, &s.kernels})
    each(*text);
  each(s.scenario);
  each(s.rate);
  for (auto* number : {&s.samples, &s.batch, &s.heartbeat_us, &s.limit_us, &s.run_limit_us}) each(*number);
  for (auto* number : {&s.depth, &s.threads}) each(*number);
  each(s.seed);
  each(s.timeouts_us);
  for (auto* list : {&s.variants, &s.link_timeouts}) each(*list);
  for (auto* truth : {&s.adaptive, &s.check}) each(*truth);
  each(s.exit_threshold);
  auto& f = record.facts;
  for (auto* text : {&f.key, &f.created, &f.hosts, &f.mpi_library}) each(*text);
  for (auto* number : {&f.ranks, &f.groups, &f.cores}) each(*number);
  for (auto* text : {&record.folder, &record.weights_sha256, &record.data_sha256}) each(*text);
}

}  // namespace

LoggedRun logged_run(const Job& job, const RunFacts& facts) {
  return {job.spec, facts, std::filesystem::current_path().string(), stated_weights_sum(job.spec.weights),
          job.data_sha256};
}

std::vector<char> encode(const LoggedRun& record) {
  Writing writing;
  writing(kForm);
  code(writing, record);
  return writing.take();
}

LoggedRun decode_logged_run(const std::vector<char>& bytes, const std::string& where) {
  Decoder from(bytes, where);
  if (from.get<std::uint32_t>() != kForm) from.refuse("written by another version of the program");
  LoggedRun record;
  Reading reading(from);
  code(reading, record);
  from.finish();
  return record;
}

}  // namespace deepfog
