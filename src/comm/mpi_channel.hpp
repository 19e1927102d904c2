#pragma once

#include <memory>

#include "comm/channel.hpp"
#include "comm/communicator.hpp"

namespace deepfog {

struct MpiChannelOptions {
  std::size_t fragment_bytes = 60'000;            ///< the same at all places; TCP is reliable up to 60 kB
  std::uint64_t largest_message = 64ull << 20;    ///< bytes; a fragment that announces more is malformed
  std::size_t unfinished_messages = 64;           ///< to one peer, before send() returns false
  std::uint64_t unfinished_bytes = 128ull << 20;  ///< the same in bytes; a single message is always accepted
  int sends_per_peer = 16;  ///< fragments passed to MPI at a time; the same at all places
  /// The same in bytes; a single fragment is always passed on. 0: safe_bytes_in_flight() of this launch.
  std::uint64_t bytes_in_flight = 0;
  int tag = 4096;  ///< of the group that begins at rank 0; other groups use the following tags. See
                   ///< MpiChannel.
};

/// How many bytes may safely be in flight to one peer, in case it dies. If TCP may carry them, this is one
/// fragment, since with several large fragments a survivor of Open MPI 4.1 hangs inside MPI_Test in about
/// half of the runs. Over shared memory it is many fragments, because each wait for a peer costs a time slice
/// on a crowded machine.
/// The arguments are the values of OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_LOCAL_SIZE and OMPI_MCA_btl, null if
/// not set.
std::uint64_t safe_bytes_in_flight(const char* world_size, const char* local_size, const char* btl);

/// A channel whose places are ranks of a communicator. It survives peers that are killed (under a launch with
/// recovery) and peers that are stopped. The silence of one peer never delays another, because
/// * no receive is posted that an incomplete message could occupy: each message is matched (MPI_Improbe),
///   checked by its sender and size, and then given a buffer of its own. A posted receive would also be
///   unsafe: Open MPI 4.1 writes past its end if a longer message arrives by a single copy (self, vader with
///   cma);
/// * sends are synchronous (MPI_Issend): unfinished means "not yet taken by the peer's channel", so the caps
///   of the options bound the cost of a stopped peer, including the library's own buffers, and at most
///   `sends_per_peer` fragments per peer occupy the library.
/// Buffers of receives and sends that never end are leaked on purpose: MPI may still access them.
///
/// Nothing progresses by itself: large messages need calls (receive, wait) at both ends.
/// There may be one channel per communicator and group of ranks at a time, since messages carry the tag
/// `options.tag + first_rank`. Another channel of the same ranks needs another tag or
/// Communicator::duplicate(); so do receives with any_tag. The communicator must outlive the channel.
class MpiChannel : public Channel {
 public:
  /// The places are the ranks first_rank to first_rank + places - 1, which must include this one. Not
  /// collective. Throws Failure if the range, an option or the tag is impossible.
  MpiChannel(const Communicator& communicator, int first_rank, int places,
             const MpiChannelOptions& options = {});
  /// Never waits: messages in flight may be lost (call flush() before).
  ~MpiChannel() override;
  MpiChannel(const MpiChannel&) = delete;
  MpiChannel& operator=(const MpiChannel&) = delete;

  int place() const override;
  int places() const override;
  std::int64_t now_us() const override;  ///< CLOCK_MONOTONIC: comparable within one host
  /// Also returns false, for good, once the peer is lost(). Throws Failure for more than `largest_message`
  /// bytes and for a place that does not exist.
  bool send(int to, std::vector<char> bytes) override;
  std::optional<Message> receive() override;
  /// Polls, yielding for a millisecond, then sleeping 50 to 200 us at a time.
  void wait(std::int64_t until_us) override;
  /// The library reported the peer's death (ULFM), or an error of a transfer with it.
  bool lost(int peer) const override;
  std::int64_t malformed() const override;

  /// Waits until the living peers have taken everything that was sent; returns false if the deadline passed
  /// first. Messages that arrive meanwhile are kept for receive().
  bool flush(const Deadline& deadline);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
