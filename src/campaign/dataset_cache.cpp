#include "campaign/dataset_cache.hpp"

#include <algorithm>
#include <utility>

#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

std::int64_t bytes_of(const SampleSet& set) {
  return static_cast<std::int64_t>(set.values.size() * sizeof(float) +
                                   set.labels.size() * sizeof(std::int64_t));
}

/// Rows of a piece; a multiple of the reference loop's blocks, so that it sees the same ones.
std::int64_t piece_rows(std::int64_t memory_bytes, std::int64_t features) {
  constexpr std::int64_t block = 2048;
  const std::int64_t rows = memory_bytes / 2 / static_cast<std::int64_t>(sizeof(float)) / features;
  return std::max<std::int64_t>(1, rows / block) * block;
}

}  // namespace

std::mutex& storage_mutex() {
  static std::mutex mutex;
  return mutex;
}

DatasetCache::DatasetCache(const CampaignSpec& spec, std::int64_t limit_bytes)
    : spec_(spec), limit_bytes_(limit_bytes) {}

std::shared_ptr<const Dataset> DatasetCache::get(int experiment, const std::string& how) {
  return find(experiment, how).dataset;
}

Normalisation DatasetCache::normalisation(int experiment, const std::string& how) {
  return find(experiment, how).normalisation;
}

const DatasetCache::Entry& DatasetCache::find(int experiment, const std::string& how) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->experiment != experiment || entry->how != how) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entries_.front();
  }
  const ExperimentSpec& what = spec_.experiments.at(static_cast<std::size_t>(experiment));
  auto dataset = std::make_shared<Dataset>();
  {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    *dataset = load_dataset(what.dataset_path, what.split, spec_.memory_bytes);
  }
  Normalisation normalisation = normalise(*dataset, how);
  const std::int64_t bytes =
      bytes_of(dataset->train) + bytes_of(dataset->validation) + bytes_of(dataset->test);
  entries_.push_front({experiment, how, dataset, std::move(normalisation), bytes});
  make_room();
  return entries_.front();
}

void DatasetCache::for_test_samples(int experiment, const std::string& how, std::int64_t begin,
                                    std::int64_t end, const std::function<void(const SampleView&)>& use) {
  const Entry& entry = find(experiment, how);
  const SampleSet& test = entry.dataset->test;
  if (!test.values.empty()) {
    use(view(test, begin, end));
    return;
  }
  const ExperimentSpec& what = spec_.experiments.at(static_cast<std::size_t>(experiment));
  const std::int64_t rows = piece_rows(spec_.memory_bytes, test.features);
  for (; begin < end; begin += rows) {
    SampleSet piece;
    {
      const std::lock_guard<std::mutex> turn(storage_mutex());
      piece = load_test_rows(what.dataset_path, what.split, begin, std::min(begin + rows, end));
    }
    entry.normalisation.apply(piece);
    use(view(piece));
  }
}

void DatasetCache::make_room() {
  std::int64_t total = 0;
  for (const Entry& entry : entries_) total += entry.bytes;
  while (total > limit_bytes_ && entries_.size() > 1) {
    total -= entries_.back().bytes;
    entries_.pop_back();
  }
}

}  // namespace deepfog
