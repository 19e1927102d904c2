#pragma once

#include "campaign/dataset_cache.hpp"
#include "campaign/spec.hpp"
#include "campaign/unit.hpp"
#include "evaluation/sweep.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// How units are done; tests of the claim logic put something quick in its place.
class Work {
 public:
  virtual ~Work() = default;
  virtual void begin() {}  ///< once, in the thread that computes
  virtual TrainedModel train(const Unit& unit, const EpochCallback& after_epoch) = 0;
  virtual SweepCounts sweep(const Unit& unit, const Weights& weights) = 0;
};

/// The campaign's own work: LibTorch on the data sets of the spec.
class CampaignWork : public Work {
 public:
  explicit CampaignWork(const CampaignSpec& spec) : spec_(spec), datasets_(spec) {}
  void begin() override;
  TrainedModel train(const Unit& unit, const EpochCallback& after_epoch) override;
  SweepCounts sweep(const Unit& unit, const Weights& weights) override;

 private:
  const CampaignSpec& spec_;
  DatasetCache datasets_;
};

}  // namespace deepfog
