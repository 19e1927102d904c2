#include "campaign/codec.hpp"

#include <gtest/gtest.h>

#include "../storage/scratch.hpp"
#include "campaign/protocol.hpp"
#include "campaign/records.hpp"
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

/// One of every kind.
std::vector<said::Word> all_words() {
  said::Assignment assignment;
  assignment.task = 5;
  assignment.what = {TaskKind::sweep, {1, 2, 3}, 64, 128, 0};
  said::Assignment with_weights = assignment;
  with_weights.weights = some_weights();
  return {said::Claim{},
          said::Claim{RunKey{1, 2, 3}},
          said::Trained{4, some_model()},
          said::Swept{6, some_counts(), 2.5},
          said::Bounded{7, some_bounds(), 1.5},
          said::Epoch{4, 2, 0.5, 0.25},
          said::Failed{-1, "disk full", TaskFailure::rank},
          said::Failed{3, "diverged", TaskFailure::lasting},
          said::Signalled{10},
          said::Stopped{},
          assignment,
          with_weights,
          said::Stop{},
          said::Alive{}};
}

TEST(Codec, TellsSizesThatDoNotFit) {
  Encoder encoder;
  encoder.put(std::uint64_t{1} << 60);
  const std::vector<char> bytes = encoder.take();
  EXPECT_THROW(Decoder(bytes, "x").get_text(), Failure);
  EXPECT_THROW(Decoder(bytes, "x").get_list<double>(), Failure);
}

TEST(Protocol, EveryWordComesBack) {
  for (const said::Word& word : all_words()) {
    const Bytes bytes = said::encode(word);
    const said::Word back = said::decode(bytes, "rank 1");
    EXPECT_EQ(back.index(), word.index());
    EXPECT_EQ(said::encode(back), bytes);
  }
}

TEST(Protocol, KeepsTheValues) {
  const auto trained =
      std::get<said::Trained>(said::decode(said::encode(said::Trained{4, some_model()}), "x"));
  EXPECT_EQ(trained.task, 4);
  EXPECT_EQ(trained.model.weights[0].values, some_weights()[0].values);
  EXPECT_EQ(trained.model.weights[0].shape, some_weights()[0].shape);
  EXPECT_EQ(trained.model.best_epoch, 3);
  EXPECT_EQ(trained.model.null_batches, 2);
  EXPECT_EQ(trained.model.normalisation.centre, some_model().normalisation.centre);
  EXPECT_EQ(trained.model.normalisation.deviation, some_model().normalisation.deviation);
  const auto swept =
      std::get<said::Swept>(said::decode(said::encode(said::Swept{6, some_counts(), 2.5}), "x"));
  EXPECT_EQ(swept.counts.correct, some_counts().correct);
  EXPECT_EQ(swept.counts.samples, 64);
  EXPECT_EQ(swept.seconds, 2.5);
}

TEST(Protocol, EveryCutMessageIsRefused) {
  for (const said::Word& word : all_words()) {
    const Bytes whole = said::encode(word);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(said::decode(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), "x"),
                   Failure);
    }
    Bytes longer = whole;
    longer.push_back('x');
    EXPECT_THROW(said::decode(longer, "x"), Failure);
  }
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

TEST(Protocol, RandomBytesNeverCrash) {
  RandomStream stream(11);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(stream.below(80));
    for (char& byte : bytes) byte = static_cast<char>(stream.next());
    if (bytes.size() > 4 && round % 2 == 0) std::memcpy(bytes.data(), said::encode(said::Stop{}).data(), 4);
    if (bytes.size() > 5 && round % 2 == 0) bytes[4] = static_cast<char>(stream.below(13));
    refused += refuses([&] { said::decode(bytes, "x"); });
  }
  EXPECT_GT(refused, 15000);
}

TEST(Protocol, FlippedBytesNeverCrash) {
  RandomStream stream(12);
  const auto words = all_words();
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = said::encode(words[stream.below(words.size())]);
    for (int flips = 0; flips < 3; ++flips)
      bytes[stream.below(bytes.size())] = static_cast<char>(stream.next());
    refused += refuses([&] { said::decode(bytes, "x"); });
  }
  EXPECT_GT(refused, 2000);
}

TEST(Protocol, AnUnknownKindIsNamed) {
  Bytes bytes = said::encode(said::Stop{});
  bytes[4] = 99;
  EXPECT_EQ(test::message_of<Failure>([&] { said::decode(bytes, "a message from rank 3"); }),
            "a message from rank 3: unknown kind of message");
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
  const auto swept =
      std::get<said::Swept>(said::decode(said::encode(said::Swept{6, sweep.counts, 2.5}), "x"));
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
