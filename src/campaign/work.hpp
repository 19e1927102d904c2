#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "campaign/dataset_cache.hpp"
#include "campaign/large_diagram.hpp"
#include "campaign/model_form.hpp"
#include "campaign/spec.hpp"
#include "campaign/task.hpp"
#include "evaluation/sweep.hpp"
#include "training/trainer.hpp"

namespace deepfog {

/// How tasks are done; tests of the claim logic put something quick in its place.
class Work {
 public:
  virtual ~Work() = default;
  virtual void begin() {}  ///< once, in the thread that computes
  virtual TrainedModel train(const Task& task, const EpochCallback& after_epoch) = 0;
  virtual SweepCounts sweep(const Task& task, const Weights& weights) = 0;
  virtual LargeDiagramResult bound(const Task& task, const Weights& weights);  ///< Failure unless overridden
};

/// The campaign's own work: LibTorch on the data sets of the spec, and our own kernels (trainer = fused, and
/// engine = diagram for networks of dense layers), which know the processor alone.
class CampaignWork : public Work {
 public:
  /// @param device  what LibTorch computes on
  explicit CampaignWork(const CampaignSpec& spec, const Device& device = {})
      : spec_(spec), device_(device), datasets_(spec) {}
  void begin() override;
  TrainedModel train(const Task& task, const EpochCallback& after_epoch) override;
  SweepCounts sweep(const Task& task, const Weights& weights) override;
  LargeDiagramResult bound(const Task& task, const Weights& weights) override;

 private:
  const ExperimentSpec& experiment(const Task& task) const;
  const ModelSpec& model(const Task& task) const;
  const ModelForm& form(const ModelSpec& model);
  SweepCounts sweep_samples(const ModelSpec& model, const std::vector<Columns>& columns,
                            const Weights& weights, const SampleView& samples, bool right);
  const CampaignSpec& spec_;
  Device device_;
  std::map<std::string, ModelForm> forms_;                  ///< by topology text, of what was swept
  std::map<std::pair<int, int>, std::vector<char>> close_;  ///< of what was bounded
  DatasetCache datasets_;
};

}  // namespace deepfog
