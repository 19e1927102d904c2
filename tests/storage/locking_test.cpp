#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "edit_hdf5.hpp"
#include "sample_dataset.hpp"
#include "scratch.hpp"
#include "storage/dataset_file.hpp"
#include "storage/record_log.hpp"

namespace {

std::atomic<int> flock_error{0};

}  // namespace

/// Takes the C library's place in this program and the libraries it loads: a file system that knows no locks.
extern "C" int flock(int descriptor, int operation) noexcept {
  if (flock_error != 0) {
    errno = flock_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_flock, descriptor, operation));
}

namespace deepfog {
namespace {

TEST(Locking, ReadsWithoutLocksWhereThereAreNoneAndSaysSoOnce) {
  const test::Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  test::sample_bytes().write(path);
  testing::internal::CaptureStderr();
  for (const int error : {ENOLCK, EOPNOTSUPP}) {
    flock_error = error;
    EXPECT_EQ(load_dataset(path, "").name, "sample");
  }
  flock_error = 0;
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            path + ": this file system has no file locks; reading without (HDF5_USE_FILE_LOCKING=FALSE)\n");
}

TEST(Locking, AFileThatIsBeingWrittenIsInUse) {
  const test::Scratch scratch;
  const std::string path = scratch.path("sample.h5");
  test::sample_bytes().write(path);
  flock_error = EWOULDBLOCK;
  EXPECT_EQ(test::message_of<UserError>([&] { load_dataset(path, ""); }),
            path + ": in use by another program");
  flock_error = 0;
}

TEST(Locking, ARecordLogGoesOnWithoutLocksAndSaysSo) {
  const test::Scratch scratch;
  const std::string path = scratch.path("j");
  testing::internal::CaptureStderr();
  flock_error = ENOLCK;
  { RecordLog(path, "config").append({"unit", {'x'}}); }
  flock_error = 0;
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            path + ": this file system has no file locks; see to it that no other job uses this output\n");
  EXPECT_EQ(RecordLog(path, "config").records().size(), 1U);
}

}  // namespace
}  // namespace deepfog
