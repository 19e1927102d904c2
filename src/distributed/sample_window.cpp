#include "distributed/sample_window.hpp"

#include <algorithm>

namespace deepfog {

SampleWindow::SampleWindow(const Job& job, std::int64_t most_bytes) : job_(job), at_once_(job.samples) {
  const std::int64_t row_bytes = job.features * static_cast<std::int64_t>(sizeof(float));
  if (job.samples > most_bytes / row_bytes) at_once_ = std::max<std::int64_t>(1, most_bytes / 16 / row_bytes);
}

SampleView SampleWindow::rows(std::int64_t first, std::int64_t rows) {
  if (first < begin_ || first + rows > begin_ + set_.size()) {
    const std::int64_t count = std::max(rows, at_once_);
    begin_ = count >= job_.samples ? 0 : first;
    set_ = SampleSet();  // frees the memory before the next rows are read
    set_ = job_.read_samples(begin_, std::min(job_.samples, begin_ + count));
  }
  return view(set_, first - begin_, first - begin_ + rows);
}

}  // namespace deepfog
