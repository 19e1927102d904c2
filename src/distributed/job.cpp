#include "distributed/job.hpp"

#include <algorithm>

#include "comm/mpi_channel.hpp"
#include "core/error.hpp"
#include "core/spelling.hpp"
#include "distributed/plan.hpp"
#include "inference/message.hpp"
#include "inference/node_links.hpp"
#include "storage/dataset_file.hpp"

namespace deepfog {
namespace {

constexpr int kUsualDepth = 8;
constexpr std::int64_t kUsualRunLimitUs = 3'600'000'000;

void check_data(const Job& job, const Dataset& dataset) {
  if (!job.spec.dataset.empty() || dataset.content_sha256 == job.origin.data_sha256) return;
  throw UserError(job.dataset_path, "not the data that " + job.spec.weights + " was trained on",
                  "--dataset FILE to run on it all the same");
}

/// Parses timeouts such as "e1->f2 5ms".
std::map<int, std::int64_t> read_link_timeouts(const DistributedSpec& spec, const Topology& topology) {
  std::map<int, std::int64_t> timeouts;
  for (const std::string& text : spec.link_timeouts) {
    const std::string where = "--link-timeout \"" + text + "\"";
    const auto blank = text.find(' ');
    if (blank == std::string::npos) throw UserError(where, "no link and time", "\"e1->f2 5ms\" allowed");
    std::vector<std::string> names;
    int found = -1;
    for (int link = 0; link < static_cast<int>(topology.hyperconnections().size()); ++link) {
      if (is_local(topology, link)) continue;
      names.push_back(link_name(topology, link));
      if (names.back() == text.substr(0, blank)) found = link;
    }
    if (found < 0) throw UserError(where, "no such link between two nodes", listing(names) + " allowed");
    timeouts[found] = parse_time_us(text.substr(blank + 1), where);
    if (timeouts[found] < 1) throw UserError(where, "no time", "1us or more allowed");
  }
  return timeouts;
}

Weights with_thresholds(Weights weights, const Job& job) {
  if (job.spec.exit_threshold < 0) return weights;
  for (NamedTensor& tensor : weights) {
    for (const int exit : job.topology.exits()) {
      if (tensor.name != job.topology.stages()[static_cast<std::size_t>(exit)].name + ".threshold") continue;
      tensor.values = {static_cast<float>(job.spec.exit_threshold)};
    }
  }
  return weights;
}

/// Refuses a frame that no channel would accept before anything runs.
void check_messages(const DistributedSpec& spec, const Topology& topology) {
  const auto most = static_cast<std::int64_t>(MpiChannelOptions().largest_message);
  const int links = static_cast<int>(topology.hyperconnections().size());
  const auto overhead = static_cast<std::int64_t>(message_overhead(links));
  for (int link = 0; link < links; ++link) {
    if (is_local(topology, link)) continue;
    const Hyperconnection& h = topology.hyperconnections()[static_cast<std::size_t>(link)];
    const auto bytes = static_cast<std::int64_t>(payload_bytes(form_of(h), spec.batch, spec.batch, h.width));
    if (bytes <= most - overhead) continue;
    const std::int64_t row = (bytes + spec.batch - 1) / spec.batch;
    throw UserError("--batch " + std::to_string(spec.batch),
                    "a message on " + link_name(topology, link) + " would be larger than " +
                        std::to_string(most) + " bytes",
                    "up to " + std::to_string((most - overhead) / row) + " allowed");
  }
}

}  // namespace

int Job::depth() const {
  if (spec.depth > 0) return spec.depth;
  return spec.scenario == Scenario::single_stream ? 1 : kUsualDepth;
}

std::chrono::microseconds Job::run_limit() const {
  return std::chrono::microseconds(spec.run_limit_us > 0 ? spec.run_limit_us : kUsualRunLimitUs);
}

double Job::guess_accuracy() const {
  double sum = 0;
  for (const std::int64_t label : labels) sum += origin.guess_probabilities[static_cast<std::size_t>(label)];
  return labels.empty() ? 0 : sum / static_cast<double>(labels.size());
}

SampleSet Job::read_samples(std::int64_t begin, std::int64_t end, std::int64_t most_values) const {
  SampleSet set;
  set.features = features;
  const auto take = [&](const SampleSet& rows, std::int64_t step) {
    for (std::int64_t row = 0; row < rows.size(); row += step) {
      const float* values = rows.values.data() + row * features;
      set.values.insert(set.values.end(), values, values + features);
      set.labels.push_back(rows.labels[static_cast<std::size_t>(row)]);
    }
  };
  set.values.reserve(static_cast<std::size_t>((end - begin) * features));
  const std::int64_t span = (end - begin - 1) * stride + 1;
  if (stride == 1 || span <= most_values / features) {
    take(load_test_rows(dataset_path, split, begin * stride, begin * stride + span), stride);
  } else {  // large images far apart: the rows in between are not read
    for (std::int64_t row = begin; row < end; ++row)
      take(load_test_rows(dataset_path, split, row * stride, row * stride + 1), 1);
  }
  origin.normalisation.apply(set);
  return set;
}

Weights Job::weights_of(int node) const {
  return with_thresholds(
      load_node_weights(spec.weights, topology.nodes()[static_cast<std::size_t>(node)].name), *this);
}

Weights Job::all_weights() const {
  return with_thresholds(load_weights(spec.weights), *this);
}

Job load_job(const DistributedSpec& spec) {
  Job job;
  job.spec = spec;
  job.origin = load_weights_origin(spec.weights);
  job.topology = parse_topology(job.origin.topology_text, spec.weights + ":topology_text");
  job.dataset_path =
      find_dataset(spec.dataset.empty() ? job.origin.dataset : spec.dataset, dataset_folders());
  job.split = job.origin.split;
  const Dataset dataset = load_dataset(job.dataset_path, job.split, 0, Parts::test);
  check_data(job, dataset);
  if (spec.exit_threshold >= 0 && !job.topology.has_exits())
    throw UserError("exit_threshold", "the network has no exits", "weights of a network with exits");
  job.columns = match_sources(job.topology, dataset, spec.weights);
  for (const Source& source : dataset.sources) job.features += source.width;
  job.data_origin = dataset.origin;
  job.data_sha256 = dataset.content_sha256;
  const auto test_samples = static_cast<std::int64_t>(dataset.test.labels.size());
  job.plan = make_plan(spec, job.topology, test_samples);
  for (const Phase& phase : job.plan) job.samples = std::max(job.samples, phase.samples);
  job.stride = test_samples / job.samples;
  for (std::int64_t i = 0; i < job.samples; ++i)
    job.labels.push_back(dataset.test.labels[static_cast<std::size_t>(i * job.stride)]);
  job.script = FailureScript::parse(spec.script, spec.script_where, job.topology);
  check_messages(spec, job.topology);
  job.link_timeouts_us = read_link_timeouts(spec, job.topology);
  return job;
}

}  // namespace deepfog
