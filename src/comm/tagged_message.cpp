#include "comm/tagged_message.hpp"

#include <string>

#include "comm/backoff.hpp"
#include "comm/mpi_call.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

constexpr std::chrono::seconds transfer_timeout{60};

TaggedMessage take(MPI_Message& matched, const MPI_Status& status, std::int64_t limit) {
  int size = 0;
  check(MPI_Get_count(&status, MPI_CHAR, &size), "MPI_Get_count");
  const std::string from = "a message from rank " + std::to_string(status.MPI_SOURCE);
  if (size < 0 || size > limit) {
    throw Failure(from + " has " + std::to_string(size) + " bytes, more than the " + std::to_string(limit) +
                  " allowed");
  }
  auto bytes = std::make_unique<Bytes>(static_cast<std::size_t>(size));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Imrecv(bytes->data(), size, MPI_CHAR, &matched, &request), "MPI_Imrecv");
  if (!completes(request, Deadline::in(transfer_timeout), "MPI_Test of a receive")) {
    static_cast<void>(bytes.release());  // MPI may still write to it
    throw Failure(from + " began to arrive and never ended");
  }
  return {status.MPI_SOURCE, status.MPI_TAG, std::move(*bytes)};
}

}  // namespace

void send(const Communicator& communicator, int to, int tag, Bytes bytes) {
  Communicator::Handle& handle = communicator.handle();
  if (bytes.size() > static_cast<std::size_t>(largest_message)) {
    throw Failure("a message of " + std::to_string(bytes.size()) + " bytes is larger than MPI can carry");
  }
  reap(handle);
  PendingSend pending;
  pending.bytes = std::make_unique<Bytes>(std::move(bytes));
  check(MPI_Isend(pending.bytes->data(), static_cast<int>(pending.bytes->size()), MPI_CHAR, to, tag,
                  handle.comm, &pending.request),
        "MPI_Isend");
  handle.pending.push_back(std::move(pending));
}

std::optional<TaggedMessage> receive(const Communicator& communicator, const Deadline& deadline, int source,
                                     int tag, std::int64_t limit) {
  Communicator::Handle& handle = communicator.handle();
  Backoff backoff;
  for (;;) {
    reap(handle);
    int found = 0;
    MPI_Message matched = MPI_MESSAGE_NULL;
    MPI_Status status;
    check(MPI_Improbe(source == any_source ? MPI_ANY_SOURCE : source, tag == any_tag ? MPI_ANY_TAG : tag,
                      handle.comm, &found, &matched, &status),
          "MPI_Improbe");
    if (found != 0) return take(matched, status, limit);
    if (deadline.passed()) return std::nullopt;
    backoff.pause();
  }
}

bool flush(const Communicator& communicator, const Deadline& deadline) {
  Communicator::Handle& handle = communicator.handle();
  Backoff backoff;
  for (;;) {
    reap(handle);
    if (handle.pending.empty()) return true;
    if (deadline.passed()) return false;
    backoff.pause();
  }
}

}  // namespace deepfog
