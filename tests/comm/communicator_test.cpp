#include "comm/communicator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "comm/rank_error.hpp"
#include "core/error.hpp"
#include "mpi_test.hpp"

namespace deepfog {
namespace {

using std::chrono::milliseconds;

TEST(Communicator, RanksAreNumberedFromZero) {
  EXPECT_GE(test_world().rank(), 0);
  EXPECT_LT(test_world().rank(), test_world().size());
  const Communicator alone = Communicator::self();
  EXPECT_EQ(alone.rank(), 0);
  EXPECT_EQ(alone.size(), 1);
  EXPECT_EQ(broadcast(alone, "mine"), "mine");
}

TEST(Communicator, RanksOfAHostAreNumberedFromZero) {
  EXPECT_EQ(test_world().rank_on_host(), test_world().rank()) << "the tests run on one host";
  EXPECT_EQ(Communicator::self().rank_on_host(), 0);
}

TEST(Communicator, BroadcastsTheRootsText) {
  const int last = test_world().size() - 1;
  const bool root = test_world().rank() == last;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000'000}}) {
    const std::string text(size, 'x');
    EXPECT_EQ(broadcast(test_world(), root ? text : "not this", last), text);
  }
  const std::string zeros("a\0b", 3);
  EXPECT_EQ(broadcast(test_world(), root ? zeros : "", last), zeros);
}

TEST(Communicator, GathersTextsOfUnevenLength) {
  const int rank = test_world().rank();
  const std::string own(static_cast<std::size_t>(rank * 1000), static_cast<char>('a' + rank));
  const auto texts = gather(test_world(), own);
  if (rank != 0) {
    EXPECT_TRUE(texts.empty());
    return;
  }
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(test_world().size()));
  for (int r = 0; r < test_world().size(); ++r) {
    EXPECT_EQ(texts[static_cast<std::size_t>(r)],
              std::string(static_cast<std::size_t>(r * 1000), static_cast<char>('a' + r)));
  }
}

double now() {
  return std::chrono::duration<double>(Deadline::Clock::now().time_since_epoch()).count();
}

TEST(Communicator, NobodyLeavesABarrierBeforeEveryoneCame) {
  const Communicator own = test_world().duplicate();
  if (own.rank() == 0) std::this_thread::sleep_for(milliseconds(50));
  const double came = now();  // all ranks of this host share the clock
  barrier(own);
  const double left = now();
  double last_came = 0, first_left = left;
  for (const std::string& text : gather(own, std::to_string(came) + " " + std::to_string(left))) {
    last_came = std::max(last_came, std::stod(text));
    first_left = std::min(first_left, std::stod(text.substr(text.find(' '))));
  }
  EXPECT_GE(first_left, last_came);
}

TEST(Communicator, ABarrierEndsAtItsDeadline) {
  if (test_world().size() == 1) GTEST_SKIP() << "alone, nobody is late";
  const Communicator own = test_world().duplicate();
  if (own.rank() != 0) {
    EXPECT_THROW(barrier(own, Deadline::in(milliseconds(50))), Failure);
  }
  gather(test_world(), "");           // the others have given up, and rank 0 has not entered it yet
  if (own.rank() == 0) barrier(own);  // lets the abandoned barrier end
  barrier(test_world());
}

TEST(Agreement, EveryRankGetsTheRootsText) {
  int calls = 0;
  EXPECT_EQ(agree(test_world(), [&] { return std::to_string(++calls) + " call"; }), "1 call");
  EXPECT_EQ(calls, test_world().rank() == 0 ? 1 : 0);
  EXPECT_EQ(agree(test_world(), [] { return std::string(); }), "");
}

TEST(Agreement, EveryRankThrowsTheRootsUserError) {
  try {
    agree(test_world(), []() -> std::string { throw UserError("a.ini:3", "unknown key: x", "epochs"); });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "a.ini:3: unknown key: x (epochs)");
  }
}

TEST(Agreement, EveryRankThrowsTheRootsFailure) {
  for (int kind = 0; kind < 2; ++kind) {
    try {
      agree(test_world(), [&]() -> std::string {
        if (kind == 0) throw Failure("disk full");
        throw std::runtime_error("disk full");
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Failure& error) {
      EXPECT_STREQ(error.what(), "disk full");
    }
  }
}

TEST(RankErrors, TheLowestRanksErrorIsKnownToAllRanks) {
  const int last = test_world().size() - 1, rank = test_world().rank();
  const auto first = first_error(test_world(), error_of(test_world(), [&] {
                                   if (rank == last) throw UserError("x.h5", "no: such thing", "another");
                                   if (rank > 0) throw Failure("rank " + std::to_string(rank));
                                 }));
  ASSERT_TRUE(first);
  const bool users = last < 2;
  EXPECT_EQ(first->rank, users ? last : 1);
  EXPECT_EQ(first->text, users ? "x.h5: no: such thing (another)" : "rank 1");
  EXPECT_EQ(first->code(), users ? ExitCode::bad_input : ExitCode::failed);
  try {
    first->raise();
  } catch (const UserError& error) {
    EXPECT_TRUE(users);
    EXPECT_EQ(error.what(), first->text);
  } catch (const Failure& error) {
    EXPECT_FALSE(users);
    EXPECT_EQ(error.what(), first->text);
  }
}

TEST(RankErrors, TextsOfAnyBytesArrive) {
  const std::string text = "+u\1 without a colon\nf";
  EXPECT_EQ(agree(test_world(), [&] { return text; }), text);
  const auto first = first_error(test_world(), error_of(test_world(), [&] { throw Failure(text); }));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->rank, 0);
  EXPECT_EQ(first->text, text);
}

TEST(RankErrors, NoErrorIsNone) {
  EXPECT_FALSE(first_error(test_world(), error_of(test_world(), [] {})));
}

}  // namespace
}  // namespace deepfog
