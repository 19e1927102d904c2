#include "campaign/campaign_tasks.hpp"

#include "campaign/task_payload.hpp"

namespace deepfog {

std::string CampaignTasks::describe(int task) const {
  return deepfog::describe(spec_, this->task(task));
}

Bytes CampaignTasks::assignment(int task, bool input_at_hand) const {
  payload::Assignment assignment{this->task(task), plan_.training_of(task), {}};
  if (assignment.what.kind != TaskKind::training && !input_at_hand)
    assignment.weights = run_store_.weights(assignment.what.weights_key());
  return payload::encode(assignment);
}

void CampaignTasks::store(int task, const Bytes& result) {
  payload::Result what = payload::decode_result(result, "the result of " + describe(task));
  if (auto* trained = std::get_if<TrainedModel>(&what)) run_store_.add_training(task, *trained);
  if (auto* swept = std::get_if<payload::Swept>(&what))
    run_store_.add_sweep(task, std::move(swept->counts), swept->seconds);
  if (auto* bounded = std::get_if<payload::Bounded>(&what))
    run_store_.add_bounds(task, std::move(bounded->result), bounded->seconds);
}

void CampaignTasks::store_failure(int task, const std::string& reason, TaskFailure kind) {
  run_store_.add_failure(task, reason, kind);
}

}  // namespace deepfog
