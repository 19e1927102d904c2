#pragma once

#include "distributed/job.hpp"

namespace deepfog {

/// The rows of a job: all in memory if they are small, otherwise a part at a time, since a device with a
/// large network has no room for a thousand large images.
class SampleWindow {
 public:
  /// @param most_bytes  all rows are kept up to this size, otherwise a sixteenth of it at a time
  explicit SampleWindow(const Job& job, std::int64_t most_bytes = kMostBytes);
  static constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

  /// Rows [first, first + rows), valid until the next call.
  SampleView rows(std::int64_t first, std::int64_t rows);

  std::int64_t begin() const { return begin_; }  ///< first row in memory
  void forget() { set_ = SampleSet(); }
  const SampleSet& set() const { return set_; }

 private:
  const Job& job_;
  std::int64_t at_once_, begin_ = 0;
  SampleSet set_;  ///< rows [begin_, begin_ + size)
};

}  // namespace deepfog
