#pragma once

#include <vector>

#include "cutting/choose.hpp"
#include "cutting/network.hpp"
#include "results/results_file.hpp"

namespace deepfog {

/// Counts of one partition of one run.
struct SweptModel {
  std::vector<std::int64_t> correct;  ///< [2^devices]
  double seconds = 0;                 ///< over all ranks
  std::string failure{};              ///< why there are none; empty: there are
};

/// Where and with what a study was run, for the record.
struct StudyFacts {
  std::string created, hosts;
  int ranks = 1, cores = 0;
};

/// Of a whole study.
struct SweptCounts {
  std::vector<SweptModel> models;       ///< run by run, experiment by experiment, model by model
  std::vector<StoredNetwork> networks;  ///< [run] without weights

  void resize(const CuttingJob& job);
  SweptModel& at(std::int64_t run, std::size_t experiment, std::size_t model);

 private:
  std::vector<std::size_t> first_;  ///< of an experiment, among the models of a run
};

/// The results file's content, verified: VALID or why not is in it, and which runs have failed.
/// @param chosen  [run][experiment][model]
Results cutting_results(const CuttingJob& job,
                        const std::vector<std::vector<std::vector<ChosenPartition>>>& chosen,
                        SweptCounts& counts, const StudyFacts& facts);

/// How many neurons all data devices hold of each layer, replicas counted: [layers].
std::vector<std::int64_t> neurons_held(const Partition& partition);

/// Bytes of weights that each device holds, the spare last: [devices].
std::vector<std::int64_t> bytes_held(const Partition& partition, const std::vector<CutLayer>& layers);

}  // namespace deepfog
