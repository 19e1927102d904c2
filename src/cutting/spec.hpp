#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "partition/robust_partition.hpp"
#include "training/image_trainer.hpp"

namespace deepfog {

/// One way to cut the network: a column of RobustDiCE's Fig. 4.
struct CutModelSpec {
  std::string name;
  std::string method = "robustdice";  ///< robustdice | lop | cdc | replicated | random
  // What chooses RobustDiCE's thresholds: exactly one of the first three.
  std::vector<double> thresholds;  ///< one for all layers, or one a layer
  double memory_share = 0;         ///< of full replication: as much replication as fits
  std::int64_t memory_bytes = 0;   ///< likewise, in bytes of the largest device
  double accuracy = 0;             ///< the least memory whose mean accuracy with `failed` failed reaches this
  /// What searches go by: mean accuracy with so many devices failed; 0: the mean of those means over 1 to all
  /// but one.
  int failed = 1;
  bool refined = false;  ///< with a budget: a threshold for each layer
  int front = 0;         ///< points of the Pareto front that are looked at, for the figure
  std::array<bool, kScores> use{true, true, true};
  ScoreNormalisation normalisation = ScoreNormalisation::zscore;
  int front_failed() const { return failed == 0 ? 1 : failed; }  ///< the front is always of one number
  bool searches() const { return accuracy > 0 || refined || front > 0; }
};

/// The same network cut over so many devices in several ways.
struct CutExperimentSpec {
  std::string name;
  int devices = 0;                                                       ///< without CDC's spare
  std::vector<std::pair<std::string, std::vector<double>>> reliability;  ///< setting -> [devices]
  std::vector<CutModelSpec> models;
};

/// A network, trained or given, cut over devices in every way asked for, and the accuracy of each under all
/// failure combinations.
struct CuttingSpec {
  std::string name, output;
  std::string config_text;  ///< effective values, canonical
  std::string command_line;
  std::string dataset, dataset_path, split;
  std::string guess = "uniform";
  std::string network;            ///< of cnn_names()
  std::string weights = "train";  ///< train | random | a weights file
  ImageTrainingSpec training;
  std::int64_t runs = 1;
  std::uint64_t seed = 1;
  int threads = 1;
  std::int64_t calibration = 64;       ///< images for the scores
  std::string ablation = "automatic";  ///< automatic | exact | linear: how s3 is found
  std::int64_t search_images = 500;    ///< of the validation part, for searches by accuracy
  std::int64_t samples = 0;            ///< test images; 0: all
  std::int64_t sweep_block = 500;      ///< test images a unit of work; fixed, whatever the number of ranks
  std::int64_t memory_bytes = std::int64_t{256} << 20;  ///< of a rank's activations
  bool save = true;                                     ///< the weights of each device, for deepfog infer
  std::vector<CutExperimentSpec> experiments;

  bool random() const { return weights == "random"; }  ///< then no accuracy is looked at
};

}  // namespace deepfog
