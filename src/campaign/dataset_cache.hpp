#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "campaign/spec.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// HDF5 may be built without threads in mind: on rank 0 the thread that computes and the one that serves take
/// turns.
std::mutex& storage_mutex();

/// Data sets in memory, normalised as a model wants them, loaded when first asked for. Keeps as many as fit
/// into the limit; those in use live on in any case. Not for use by two threads at a time.
class DatasetCache {
 public:
  explicit DatasetCache(const CampaignSpec& spec, std::int64_t limit_bytes = std::int64_t{1} << 30);

  /// @param experiment  index into spec.experiments
  /// @param how         none | standard, see normalise()
  std::shared_ptr<const Dataset> get(int experiment, const std::string& how);

  /// What was done to get()'s samples.
  Normalisation normalisation(int experiment, const std::string& how);

  /// Test samples [begin, end), normalised, in order: at once where they are in memory; from the file in
  /// pieces of about half of spec.memory_bytes where all test samples take more than that.
  void for_test_samples(int experiment, const std::string& how, std::int64_t begin, std::int64_t end,
                        const std::function<void(const SampleView&)>& use);

 private:
  struct Entry {
    int experiment = 0;
    std::string how;
    std::shared_ptr<const Dataset> dataset;
    Normalisation normalisation;
    std::int64_t bytes = 0;
  };
  const Entry& find(int experiment, const std::string& how);
  void make_room();
  const CampaignSpec& spec_;
  std::int64_t limit_bytes_;
  std::list<Entry> entries_;  ///< last used first
};

}  // namespace deepfog
