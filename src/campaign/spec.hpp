#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "topology/topology.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// One column of the paper's figure: a topology and a way to train it.
struct ModelSpec {
  std::string name;
  std::string topology_path;
  Topology topology;
  TrainingSpec training;
  std::string weights_of{};  ///< not trained: swept with the weights of this model's runs; `training` is its
  std::string seeds_of{};    ///< trained with the seeds of a model of this name, there or not; empty: its own
  const std::string& seed_name() const { return seeds_of.empty() ? name : seeds_of; }
};

/// One data set with the models that are compared on it.
struct ExperimentSpec {
  std::string name;
  std::string dataset;                                                   ///< name, or path of a data-set file
  std::string dataset_path;                                              ///< found
  std::string split;                                                     ///< empty: the file's default
  std::string guess = "uniform";                                         ///< uniform | class_frequency
  std::vector<std::pair<std::string, std::vector<double>>> reliability;  ///< setting -> [n], config order
  std::vector<ModelSpec> models;
};

/// What happens where a model's failure diagram is too large to be built whole: `bounds` certifies an
/// interval for every setting and falls back on sampling where it stays wide, `sampling` samples every
/// setting, `refuse` is an error.
struct LargeDiagramSpec {
  std::string policy = "bounds";  ///< bounds | sampling | refuse
  double bound_width = 0.002;     ///< upper - lower wanted of a setting
  std::int64_t max_combinations = 200'000;
  std::int64_t sampling_draws = 20'000;
};

/// The part of a campaign that one job of an array does: the runs that fall to shard `number` (from 1) of
/// `of`.
struct Shard {
  int number = 0, of = 0;  ///< 0 of 0: the whole
  bool whole() const { return of == 0; }
};

/// A whole campaign: experiments x models x runs, with everything that decides its numbers.
struct CampaignSpec {
  std::string name;
  std::string output;       ///< results file
  std::string config_text;  ///< effective values, canonical order: its hash says whether a resume is the same
                            ///< campaign
  std::uint64_t seed = 1;
  std::int64_t runs = 10;
  std::int64_t sweep_block =
      8192;                  ///< test samples a sweep task; fixed by the config, never by the number of ranks
  int threads_per_rank = 1;  ///< fixed by the config: rounding may depend on it
  bool confusion = true;     ///< keep confusion tables (precision and recall)
  bool save_weights = true;  ///< <output>.weights/<experiment>.<model>.run<k>.h5 stay beside the results
  std::string trainer = "libtorch";  ///< libtorch | fused: our own steps, faster, rounding otherwise
  std::string device = "cpu";        ///< cpu | cuda: where LibTorch trains and sweeps (models/device.hpp)
  std::string engine = "diagram";    ///< diagram | reference: the same counts, so a resume may change it
  std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< of a rank's sweep; changes no numbers either
  std::int64_t per_sample_mib =
      0;  ///< most that a model's bits of the test samples may take; 0: none are kept
  std::int64_t class_limit = 4'000'000;  ///< distinct evaluations of a model's failure diagram
  LargeDiagramSpec large_diagram;
  int table_nodes = 16;  ///< with more failing nodes, counts are kept by class instead of by combination
  std::vector<ExperimentSpec> experiments;
  Shard shard;               ///< see take_shard()
  std::string whole_output;  ///< of a shard: the results file of the whole, beside which the weights stay
};

}  // namespace deepfog
