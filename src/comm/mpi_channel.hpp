#pragma once

#include <memory>

#include "comm/channel.hpp"
#include "comm/communicator.hpp"

namespace deepfog {

struct MpiChannelOptions {
  std::size_t fragment_bytes = 60'000;            ///< the same at all places; TCP is sound up to 60 kB
  std::uint64_t largest_message = 64ull << 20;    ///< bytes; what announces more is malformed
  std::size_t unfinished_messages = 64;           ///< to one peer, before send() answers false
  std::uint64_t unfinished_bytes = 128ull << 20;  ///< the same in bytes; one message alone is always taken
  int sends_per_peer = 16;  ///< fragments that are in MPI's hands at a time; the same at all places
  /// The same in bytes; a fragment alone is always given. 0: safe_bytes_in_flight() of this launch.
  std::uint64_t bytes_in_flight = 0;
  int tag = 4096;  ///< of the group that begins at rank 0; the others follow. See MpiChannel.
};

/// How much may be on its way to one peer without danger should it die: a fragment where TCP may carry it,
/// since with several large fragments a survivor of Open MPI 4.1 hangs inside MPI_Test in about half of the
/// runs; many over shared memory, where each wait for a peer costs a time slice on a crowded machine.
/// Arguments are the values of OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_LOCAL_SIZE and OMPI_MCA_btl, null when
/// not set.
std::uint64_t safe_bytes_in_flight(const char* world_size, const char* local_size, const char* btl);

/// Ranks of a communicator as places. Survives peers that are killed (under a launch with recovery) and peers
/// that are stopped; silence of one never delays another, because
/// * no receive is posted that a message stuck half-way could occupy: each message is matched (MPI_Improbe),
///   judged by its sender and size, and then given a buffer of its own. A posted receive would be unsafe too:
///   Open MPI 4.1 writes past its end when a longer message comes by a single copy (self, vader with cma);
/// * sends are synchronous ones (MPI_Issend): unfinished means "not yet taken by the peer's channel", so
///   the caps of the options bound what a stopped peer can cost, the library's own buffers included, and
///   only `sends_per_peer` fragments a peer occupy the library at all.
/// Buffers of receives and sends that never end are leaked on purpose: MPI may still touch them.
///
/// Nothing moves by itself: large messages need calls (receive, wait) at both ends.
/// One channel a communicator and group of ranks at a time: messages carry the tag `options.tag +
/// first_rank`. Another channel of the same ranks needs another tag or Communicator::duplicate(). The same
/// goes for receives with any_tag. The communicator must outlive the channel.
class MpiChannel : public Channel {
 public:
  /// Places are the ranks first_rank .. first_rank + places - 1, this one among them. Not collective. Throws
  /// Failure when the range, an option or the tag is impossible.
  MpiChannel(const Communicator& communicator, int first_rank, int places,
             const MpiChannelOptions& options = {});
  /// Never waits: messages still under way may be lost (flush() before).
  ~MpiChannel() override;
  MpiChannel(const MpiChannel&) = delete;
  MpiChannel& operator=(const MpiChannel&) = delete;

  int place() const override;
  int places() const override;
  std::int64_t now_us() const override;  ///< CLOCK_MONOTONIC: comparable within one host
  /// Also false, for good, once the peer is lost(). Throws Failure for more than `largest_message` bytes and
  /// for a place that is not there.
  bool send(int to, std::vector<char> bytes) override;
  std::optional<Message> receive() override;
  /// Looks, yields for a millisecond, then sleeps 50 to 200 us at a time.
  void wait(std::int64_t until_us) override;
  /// The library reported the peer's death (ULFM), or an error of a transfer with it.
  bool lost(int peer) const override;
  std::int64_t malformed() const override;

  /// Waits until the living peers have taken everything that was sent; false when the deadline passed first.
  /// What arrives meanwhile is kept for receive().
  bool flush(const Deadline& deadline);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace deepfog
