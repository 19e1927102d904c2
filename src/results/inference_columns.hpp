#pragma once

#include <tuple>

#include "results/inference_results.hpp"

/// Private to the results files and their check: what the columns of an inference group are called, told
/// once for the writer, the reader, the schema and verify().
namespace deepfog::inference_columns {

/// One column of a table; its object is "<table>/<name>".
template <class Table, class Value>
struct Column {
  const char* name;
  std::vector<Value> Table::*values;
  const char* units;
  const char* long_name;
};

template <class Table, class Value>
constexpr Column<Table, Value> column(const char* name, std::vector<Value> Table::*values, const char* units,
                                      const char* long_name) {
  return {name, values, units, long_name};
}

inline constexpr const char* group_text = "group of ranks, from 0";

/// The columns of a table, one value a row. The first one tells the number of rows. Without rounds/used,
/// rounds/timed_out and rounds/prediction, whose shapes are others.
inline auto columns(const InferencePhases*) {
  using T = InferencePhases;
  return std::make_tuple(
      column("name", &T::name, "1", "what the phase shows"),
      column(
          "combination", &T::combination, "1",
          "planned failure combination: bit i (least significant first) is topology/failing[i], 1 = alive"),
      column("timeout_us", &T::timeout_us, "us", "timeout of a hyperconnection"),
      column("script", &T::script, "1", "1 where the failure script is in force"),
      column("rounds", &T::rounds, "1", "planned rounds"),
      column("settle_us", &T::settle_us, "us",
             "until everybody knew who is dead, NaN where nobody waited for it"));
}

inline auto columns(const InferenceRounds*) {
  using T = InferenceRounds;
  return std::make_tuple(
      column("group", &T::group, "1", group_text), column("phase", &T::phase, "1", "phase, from 0"),
      column("round", &T::round, "1", "round of the group, from 0"),
      column("first_sample", &T::first_sample, "1", "first row of the test split"),
      column("samples", &T::samples, "samples", "samples of the frame"),
      column("arrival_us", &T::arrival_us, "us", "arrival of the frame, since the group's start"),
      column("latency_us", &T::latency_us, "us", "from arrival to the class at the last node"),
      column("waited_for", &T::waited_for, "1",
             "hyperconnection the last stage waited for longest, by place in topology/links; -1: none"),
      column("correct", &T::correct, "samples",
             "correct predictions, 0 where nothing reached the last node"));
}

inline auto columns(const InferenceNodes*) {
  using T = InferenceNodes;
  return std::make_tuple(
      column("group", &T::group, "1", group_text), column("node", &T::node, "1", "physical node"),
      column("reported", &T::reported, "1", "0 where the node died or was cut off; its figures are then 0"),
      column("epoch", &T::epoch, "1", "last epoch of the node"),
      column("compute_us", &T::compute_us, "us", "time spent computing"),
      column("wait_us", &T::wait_us, "us", "time spent waiting for messages of a round"),
      column("idle_us", &T::idle_us, "us", "time without a round"),
      column("resident_bytes", &T::resident_bytes, "bytes", "largest resident memory"),
      column("malformed", &T::malformed, "messages", "malformed messages, dropped"),
      column("rounds_skipped", &T::rounds_skipped, "rounds", "rounds the node took no part in"),
      column("energy_j", &T::energy_j, "J", "energy, NaN where the machine tells none"));
}

inline auto columns(const InferenceLinks*) {
  using T = InferenceLinks;
  return std::make_tuple(
      column("group", &T::group, "1", group_text), column("link", &T::link, "1", "hyperconnection"),
      column("local", &T::local, "1", "1 where no message is needed: from a source, or within a node"),
      column("messages", &T::messages, "messages", "sent with a vector"),
      column("phis", &T::phis, "messages", "sent without one: the null vector"),
      column("bytes_measured", &T::bytes_measured, "bytes", "sent"),
      column("bytes_predicted", &T::bytes_predicted, "bytes",
             "predicted: 4 bytes a value, a bit of a binary one and a bit a row behind an exit; no headers"),
      column("arrived", &T::arrived, "messages", "arrived in time"),
      column("late", &T::late, "messages", "arrived too late, dropped"),
      column("duplicates", &T::duplicates, "messages", "arrived again, dropped"),
      column("timeouts", &T::timeouts, "rounds", "given up at the deadline"),
      column("lost", &T::lost, "messages", "dropped by the failure script"),
      column("delayed", &T::delayed, "messages", "delayed by the failure script"));
}

inline auto columns(const InferenceMembership*) {
  using T = InferenceMembership;
  return std::make_tuple(column("group", &T::group, "1", group_text),
                         column("observer", &T::observer, "1", "node that noticed"),
                         column("peer", &T::peer, "1", "node it noticed it of"),
                         column("event", &T::event, "1", "suspected, returned or lost"),
                         column("time_us", &T::time_us, "us", "since the observer's start"),
                         column("epoch", &T::epoch, "1", "epoch of the peer"),
                         column("round", &T::round, "1", "round the observer was in"));
}

inline auto columns(const InferenceHops*) {
  using T = InferenceHops;
  return std::make_tuple(
      column("group", &T::group, "1", group_text), column("link", &T::link, "1", "hyperconnection"),
      column("bytes", &T::bytes, "bytes", "size of the message"),
      column("half_round_trip_us", &T::half_round_trip_us, "us", "median of half a ping-pong"));
}

/// visit(column) for every column of the table, in file order.
template <class Table, class Visit>
void each_column(const Table& table, const Visit& visit) {
  std::apply([&](const auto&... one) { (visit(one), ...); }, columns(&table));
}

/// visit("phases", table) for the six tables of a group.
template <class Results, class Visit>
void each_table(Results& results, const Visit& visit) {
  visit("phases", results.phases);
  visit("rounds", results.rounds);
  visit("nodes", results.nodes);
  visit("links", results.link_counts);
  visit("membership", results.membership);
  visit("hops", results.hops);
}

}  // namespace deepfog::inference_columns
