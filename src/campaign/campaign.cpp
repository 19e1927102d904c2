#include "campaign/campaign.hpp"

#include <unistd.h>

#include <iostream>

#include "campaign/campaign_runner.hpp"
#include "campaign/task_runner.hpp"
#include "comm/rank_error.hpp"
#include "comm/environment.hpp"
#include "scheduler/hosts.hpp"
#include "scheduler/worker_loop.hpp"
#include "storage/sha256.hpp"

namespace deepfog {
namespace {

/// What must be the same on every rank.
std::string fingerprint(const CampaignSpec& spec) {
  std::string all = spec.config_text + spec.output;
  for (const ExperimentSpec& experiment : spec.experiments) {
    for (const ModelSpec& model : experiment.models) all += model.topology.text();
  }
  return sha256(all);
}

void demand_same_spec(const std::vector<std::string>& fingerprints) {
  for (std::size_t rank = 1; rank < fingerprints.size(); ++rank) {
    if (fingerprints[rank] != fingerprints[0]) {
      throw UserError("rank " + std::to_string(rank), "reads a different config or topology than rank 0",
                      "the same files on every host");
    }
  }
}

std::vector<Place> decode_places(const std::vector<std::string>& texts) {
  std::vector<Place> places;
  for (const std::string& text : texts) places.push_back(decode_place(text));
  return places;
}

/// Ranks other than 0. An error of their own here means that they cannot reach rank 0 any more.
void follow(const CampaignSpec& spec, const Communicator& communicator, const SignalWatch& signals,
            const Device& device) {
  CampaignWork work(spec, device);
  CampaignTaskRunner runner(spec, work);
  Worker worker(runner);
  try {
    worker_loop(communicator, worker, signals, Timeouts{});
  } catch (const std::exception& error) {
    std::cerr << "deepfog: rank " << communicator.rank() << ": " << error.what() << std::endl;
    end_all_ranks(static_cast<int>(ExitCode::failed));
  }
}

}  // namespace

CampaignOutcome run_campaign(const CampaignSpec& spec, Communicator& world, const CampaignOptions& options) {
  // Its own: a word that crossed a worker's last one must not reach the next campaign of this process.
  const Communicator communicator = world.duplicate();
  const Device device = choose_device(spec.device, communicator.rank_on_host());
  const SignalWatch signals;
  const bool leads = communicator.rank() == 0;
  const auto fingerprints = gather(communicator, fingerprint(spec));
  const auto places = gather(communicator, encode(this_place(host_name())));

  CampaignRunner campaign_runner(spec, communicator, options, signals);
  const std::string begun = agree(communicator, [&] {
    demand_same_spec(fingerprints);
    return campaign_runner.open(decode_places(places)) ? "finished" : "run";
  });
  if (begun == "finished") return campaign_runner.outcome();

  if (!leads) follow(spec, communicator, signals, device);
  const std::string code = agree(communicator, [&] {
    campaign_runner.lead(device);
    return std::to_string(static_cast<int>(campaign_runner.outcome_code()));
  });
  if (leads) return campaign_runner.outcome();
  CampaignOutcome outcome;
  outcome.code = static_cast<ExitCode>(std::stoi(code));
  return outcome;
}

}  // namespace deepfog
