#include "distributed/simulation.hpp"

#include "core/error.hpp"
#include "partition/cut_weights.hpp"

namespace deepfog {

Simulation::Simulation(const Job& job) {
  const std::string& where = job.spec.weights;
  if (!job.origin.cut) {
    network_.emplace(job.topology, job.columns, job.all_weights(), where);
    return;
  }
  cut_.emplace(
      job.topology, job.columns, spec_of(*job.origin.cut), partition_of(*job.origin.cut, where),
      [&](int node) { return job.weights_of(node); }, where);
}

std::vector<std::int64_t> Simulation::labels(const SampleView& samples, Combination combination,
                                             std::vector<std::int64_t>* exits) {
  return cut_ ? cut_->labels(samples, combination) : network_->labels(samples, combination, exits);
}

std::vector<std::int64_t> Simulation::labels_over(const SampleView& samples,
                                                  const std::vector<std::uint8_t>& used,
                                                  std::vector<std::int64_t>* exits) {
  return cut_ ? cut_->labels_over(samples, used) : network_->labels_over(samples, used, exits);
}

CutNode cut_node_of(const Job& job, int node) {
  if (!job.origin.cut) throw Failure(job.spec.weights + ": its network is not cut");
  const CutOrigin& cut = *job.origin.cut;
  return CutNode(job.topology, node, spec_of(cut), partition_of(cut, job.spec.weights), job.weights_of(node),
                 job.spec.weights);
}

void check_weights(const Job& job) {
  if (!job.origin.cut) {
    const Simulation fits(job);
    return;
  }
  check_weights_file(job.spec.weights);
  for (int node = 0; node < job.nodes(); ++node) cut_node_of(job, node);
}

}  // namespace deepfog
