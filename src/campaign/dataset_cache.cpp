#include "campaign/dataset_cache.hpp"

#include "storage/dataset_file.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

std::int64_t bytes_of(const SampleSet& set) {
  return static_cast<std::int64_t>(set.values.size() * sizeof(float) +
                                   set.labels.size() * sizeof(std::int64_t));
}

std::shared_ptr<const Dataset> load(const ExperimentSpec& experiment, const std::string& how) {
  auto dataset = std::make_shared<Dataset>();
  {
    const std::lock_guard<std::mutex> turn(storage_mutex());
    *dataset = load_dataset(experiment.dataset_path, experiment.split);
  }
  normalise(*dataset, how);
  return dataset;
}

}  // namespace

std::mutex& storage_mutex() {
  static std::mutex mutex;
  return mutex;
}

DatasetCache::DatasetCache(const CampaignSpec& spec, std::int64_t limit_bytes)
    : spec_(spec), limit_bytes_(limit_bytes) {}

std::shared_ptr<const Dataset> DatasetCache::get(int experiment, const std::string& how) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->experiment != experiment || entry->how != how) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entries_.front().dataset;
  }
  auto dataset = load(spec_.experiments.at(static_cast<std::size_t>(experiment)), how);
  const std::int64_t bytes =
      bytes_of(dataset->train) + bytes_of(dataset->validation) + bytes_of(dataset->test);
  entries_.push_front({experiment, how, dataset, bytes});
  make_room();
  return dataset;
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
