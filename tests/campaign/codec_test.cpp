#include "campaign/codec.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "campaign/records.hpp"
#include "campaign/task_payload.hpp"
#include "core/seed.hpp"

namespace deepfog {
namespace {

Weights some_weights() {
  return {{"f1", "w", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"f2", "b", {1}, {-1}}, {"f2", "s", {}, {9}}};
}

SweepCounts some_counts() {
  SweepCounts counts;
  counts.correct = {1, 2, 3, 4};
  counts.confusion = std::vector<std::int64_t>(36, 5);
  counts.samples = 64;
  return counts;
}

TrainedModel some_model() {
  TrainedModel model;
  model.weights = some_weights();
  model.validation_accuracy = 0.75;
  model.best_epoch = 3;
  model.null_batches = 2;
  model.seconds = 1.5;
  model.normalisation = {{1, 2, 3}, {0.5F, 1, 4}};
  return model;
}

LargeDiagramResult some_bounds() {
  return {{{0.5, 0.75, 0.625, 0.9, "bounds"}, {0.1, 0.3, 0.15, 0, "sampling"}}, 1234};
}

std::vector<payload::Assignment> all_assignments() {
  const Task sweep{TaskKind::sweep, {1, 2, 3}, 64, 128, 0, 1};
  return {{Task{}, 4, {}}, {sweep, 5, {}}, {sweep, 5, some_weights()}};
}

std::vector<payload::Result> all_results() {
  return {some_model(), payload::Swept{some_counts(), 2.5}, payload::Bounded{some_bounds(), 1.5}};
}

TEST(Codec, TellsSizesThatDoNotFit) {
  Encoder encoder;
  encoder.put(std::uint64_t{1} << 60);
  const std::vector<char> bytes = encoder.take();
  EXPECT_THROW(Decoder(bytes, "x").get_text(), Failure);
  EXPECT_THROW(Decoder(bytes, "x").get_list<double>(), Failure);
}

TEST(Payload, ComesBack) {
  for (const payload::Assignment& assignment : all_assignments()) {
    const payload::Assignment back = payload::decode_assignment(payload::encode(assignment), "x");
    EXPECT_EQ(back.what.key, assignment.what.key);
    EXPECT_EQ(back.what.weights_key(), assignment.what.weights_key());
    EXPECT_EQ(back.what.end, assignment.what.end);
    EXPECT_EQ(back.training, assignment.training);
    EXPECT_EQ(payload::encode(back), payload::encode(assignment));
  }
  for (const payload::Result& result : all_results()) {
    const Bytes bytes = payload::encode(result);
    const payload::Result back = payload::decode_result(bytes, "x");
    EXPECT_EQ(back.index(), result.index());
    EXPECT_EQ(payload::encode(back), bytes);
  }
}

TEST(Payload, KeepsTheValues) {
  const auto model = std::get<TrainedModel>(payload::decode_result(payload::encode(some_model()), "x"));
  EXPECT_EQ(model.weights[0].values, some_weights()[0].values);
  EXPECT_EQ(model.weights[0].shape, some_weights()[0].shape);
  EXPECT_EQ(model.best_epoch, 3);
  EXPECT_EQ(model.null_batches, 2);
  EXPECT_EQ(model.normalisation.centre, some_model().normalisation.centre);
  EXPECT_EQ(model.normalisation.deviation, some_model().normalisation.deviation);
  const auto swept = std::get<payload::Swept>(
      payload::decode_result(payload::encode(payload::Swept{some_counts(), 2.5}), "x"));
  EXPECT_EQ(swept.counts.correct, some_counts().correct);
  EXPECT_EQ(swept.counts.samples, 64);
  EXPECT_EQ(swept.seconds, 2.5);
}

/// Decodes or throws Failure; anything else (a crash, bad_alloc) fails the test.
template <class Decode>
bool refuses(const Decode& decode) {
  try {
    decode();
    return false;
  } catch (const Failure&) {
    return true;
  }
}

TEST(Payload, CutOnesAreRefusedAndFlippedBytesNeverCrash) {
  RandomStream stream(12);
  const auto check = [&](const Bytes& whole, const auto& decode) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_TRUE(refuses([&] {
        decode({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
      })) << size;
    for (int round = 0; round < 2000; ++round) {
      Bytes bytes = whole;
      for (int flips = 0; flips < 3; ++flips)
        bytes[stream.below(bytes.size())] = static_cast<char>(stream.next());
      refuses([&] { decode(bytes); });
    }
  };
  for (const payload::Assignment& assignment : all_assignments())
    check(payload::encode(assignment), [](const Bytes& bytes) { payload::decode_assignment(bytes, "x"); });
  for (const payload::Result& result : all_results())
    check(payload::encode(result), [](const Bytes& bytes) { payload::decode_result(bytes, "x"); });
}

TEST(Records, ComeBack) {
  const record::Sweep sweep{{1, 2, 3}, 64, 128, "abc", some_counts(), 2.5};
  const record::Sweep back = record::decode_sweep(record::encode(sweep), "x");
  EXPECT_EQ(back.key, sweep.key);
  EXPECT_EQ(back.end, 128);
  EXPECT_EQ(back.weights_sha256, "abc");
  EXPECT_EQ(back.counts.confusion, sweep.counts.confusion);
  EXPECT_TRUE(back.counts.right.empty());
  const record::Bounds bounds =
      record::decode_bounds(record::encode(record::Bounds{{1, 2, 3}, "abc", some_bounds(), 2.5}), "x");
  EXPECT_EQ(bounds.key, sweep.key);
  EXPECT_EQ(bounds.result.combinations, 1234);
  ASSERT_EQ(bounds.result.settings.size(), 2U);
  EXPECT_EQ(bounds.result.settings[1].method, "sampling");
  EXPECT_EQ(bounds.result.settings[0].average, 0.625);
  const record::Training training{{1, 2, 3}, "def", 0.5, 2, 1, 3.5};
  EXPECT_EQ(record::decode_training(record::encode(training), "x").weights_sha256, "def");
  EXPECT_EQ(record::decode_inputs(record::encode(record::Inputs{"now", "a = b\n"}), "x").lines, "a = b\n");
}

/// With exits and without, with bits of the samples and without: each says no more than it has.
TEST(Records, BitsOfTheSamplesComeBack) {
  record::Sweep sweep{{1, 2, 3}, 64, 128, "abc", some_counts(), 2.5};
  const std::size_t before = record::encode(sweep).payload.size();
  sweep.counts.right = SampleHits(2, 10, {0xff, 3, 0, 2});
  const LogRecord whole = record::encode(sweep);
  const record::Sweep back = record::decode_sweep(whole, "x");
  EXPECT_TRUE(back.counts.right == sweep.counts.right);
  EXPECT_TRUE(back.counts.exits.empty());
  const auto swept = std::get<payload::Swept>(
      payload::decode_result(payload::encode(payload::Swept{sweep.counts, 2.5}), "x"));
  EXPECT_TRUE(swept.counts.right == sweep.counts.right);
  for (std::size_t size = before + 1; size < whole.payload.size(); ++size) {
    if (size == before + 6 * sizeof(std::uint64_t)) continue;  // six empty lists of exits: nothing is cut
    const LogRecord cut{record::sweep_type, {whole.payload.begin(), whole.payload.begin() + long(size)}};
    EXPECT_THROW(record::decode_sweep(cut, "x"), Failure) << size;
  }
  LogRecord spoilt = whole;
  spoilt.payload.back() = 4;  // sample 10 of 10
  EXPECT_NE(test::message_of<Failure>([&] {
              record::decode_sweep(spoilt, "x");
            }).find("bits behind the last of 10 samples"),
            std::string::npos);
}

TEST(Records, RandomBytesNeverCrash) {
  RandomStream stream(13);
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    LogRecord record{"x", std::vector<char>(stream.below(200))};
    for (char& byte : record.payload) byte = static_cast<char>(stream.below(3));
    refused += refuses([&] { record::decode_training(record, "x"); });
    refused += refuses([&] { record::decode_sweep(record, "x"); });
    refused += refuses([&] { record::decode_bounds(record, "x"); });
    refused += refuses([&] { record::decode_inputs(record, "x"); });
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace deepfog
