#include "comm/communicator.hpp"

#include <exception>
#include <iostream>

#include "comm/mpi_call.hpp"
#include "core/error.hpp"

namespace deepfog {
namespace {

std::unique_ptr<Communicator::Handle> duplicate_of(MPI_Comm comm) {
  auto handle = std::make_unique<Communicator::Handle>();
  check(MPI_Comm_dup(comm, &handle->comm), "MPI_Comm_dup");
  check(MPI_Comm_set_errhandler(handle->comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(handle->comm, &handle->rank), "MPI_Comm_rank");
  check(MPI_Comm_size(handle->comm, &handle->size), "MPI_Comm_size");
  return handle;
}

/// Waits for a collective call. If it does not end in time, `buffer` is left to MPI for good.
template <class Buffer>
void finish(MPI_Request& request, std::unique_ptr<Buffer>& buffer, const Deadline& deadline,
            const char* call) {
  if (completes(request, deadline, call)) return;
  static_cast<void>(buffer.release());
  throw Failure(std::string(call) + ": the other ranks did not take part in time");
}

int as_count(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(largest_message)) {
    throw Failure("a message of " + std::to_string(bytes) + " bytes is larger than MPI can carry");
  }
  return static_cast<int>(bytes);
}

}  // namespace

Communicator::Communicator(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Communicator::Communicator(Communicator&&) noexcept = default;
Communicator Communicator::world() {
  return Communicator(duplicate_of(MPI_COMM_WORLD));
}
Communicator Communicator::self() {
  return Communicator(duplicate_of(MPI_COMM_SELF));
}
Communicator Communicator::duplicate() const {
  return Communicator(duplicate_of(handle_->comm));
}

Communicator::~Communicator() {
  // While an exception unwinds, the other ranks may not get here; after MPI_Finalize, freeing aborts.
  int finalized = 0;
  if (!handle_ || std::uncaught_exceptions() > 0 || MPI_Finalized(&finalized) != MPI_SUCCESS ||
      finalized != 0) {
    if (handle_ && !handle_->pending.empty())
      static_cast<void>(handle_.release());  // MPI may still read the buffers
    return;
  }
  for (PendingSend& send : handle_->pending) {
    int done = 0;
    if (MPI_Test(&send.request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || done == 0) {
      static_cast<void>(send.bytes.release());
    }
  }
  const int status = MPI_Comm_free(&handle_->comm);
  if (status != MPI_SUCCESS) std::cerr << "deepfog: MPI_Comm_free returned " << status << std::endl;
}

int Communicator::rank() const {
  return handle_->rank;
}
int Communicator::size() const {
  return handle_->size;
}
int Communicator::rank_on_host() const {
  MPI_Comm host = MPI_COMM_NULL;
  int rank = 0;
  check(MPI_Comm_split_type(handle_->comm, MPI_COMM_TYPE_SHARED, handle_->rank, MPI_INFO_NULL, &host),
        "MPI_Comm_split_type");
  check(MPI_Comm_rank(host, &rank), "MPI_Comm_rank");
  check(MPI_Comm_free(&host), "MPI_Comm_free");
  return rank;
}

void barrier(const Communicator& communicator, const Deadline& deadline) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(communicator.handle().comm, &request), "MPI_Ibarrier");
  auto nothing = std::make_unique<char>();
  finish(request, nothing, deadline, "MPI_Ibarrier");
}

std::string broadcast(const Communicator& communicator, const std::string& text, int root,
                      const Deadline& deadline) {
  const bool is_root = communicator.rank() == root;
  auto size = std::make_unique<std::int64_t>(is_root ? as_count(text.size()) : 0);
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibcast(size.get(), 1, MPI_INT64_T, root, communicator.handle().comm, &request), "MPI_Ibcast");
  finish(request, size, deadline, "MPI_Ibcast");
  if (*size < 0 || *size > largest_message)
    throw Failure("MPI_Ibcast: impossible size " + std::to_string(*size));

  auto bytes =
      std::make_unique<std::string>(is_root ? text : std::string(static_cast<std::size_t>(*size), '\0'));
  check(MPI_Ibcast(bytes->data(), static_cast<int>(*size), MPI_CHAR, root, communicator.handle().comm,
                   &request),
        "MPI_Ibcast");
  finish(request, bytes, deadline, "MPI_Ibcast");
  return *bytes;
}

namespace {

struct Gathered {
  std::string sent, received;
  std::int64_t size = 0;
  std::vector<std::int64_t> sizes;
  std::vector<int> counts, offsets;
};

void lay_out(Gathered& all) {
  std::size_t total = 0;
  for (const std::int64_t size : all.sizes) {
    if (size < 0 || size > largest_message)
      throw Failure("MPI_Igather: impossible size " + std::to_string(size));
    all.counts.push_back(static_cast<int>(size));
    all.offsets.push_back(as_count(total));
    total += static_cast<std::size_t>(size);
  }
  all.received.resize(static_cast<std::size_t>(as_count(total)));
}

}  // namespace

std::vector<std::string> gather(const Communicator& communicator, const std::string& text, int root,
                                const Deadline& deadline) {
  const MPI_Comm comm = communicator.handle().comm;
  const bool is_root = communicator.rank() == root;
  auto all = std::make_unique<Gathered>();
  all->sent = text;
  all->size = as_count(text.size());
  all->sizes.resize(is_root ? static_cast<std::size_t>(communicator.size()) : 0);
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Igather(&all->size, 1, MPI_INT64_T, all->sizes.data(), 1, MPI_INT64_T, root, comm, &request),
        "MPI_Igather");
  finish(request, all, deadline, "MPI_Igather");
  lay_out(*all);
  check(MPI_Igatherv(all->sent.data(), static_cast<int>(all->size), MPI_CHAR, all->received.data(),
                     all->counts.data(), all->offsets.data(), MPI_CHAR, root, comm, &request),
        "MPI_Igatherv");
  finish(request, all, deadline, "MPI_Igatherv");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < all->counts.size(); ++i) {
    texts.push_back(all->received.substr(static_cast<std::size_t>(all->offsets[i]),
                                         static_cast<std::size_t>(all->counts[i])));
  }
  return texts;
}

}  // namespace deepfog
