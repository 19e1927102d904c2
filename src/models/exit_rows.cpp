#include "models/exit_rows.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "models/node_network.hpp"

namespace deepfog {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

torch::Tensor instead_of_absent(const torch::Tensor& x, double value) {
  return x.nan_to_num(value, std::numeric_limits<double>::infinity(),
                      -std::numeric_limits<double>::infinity());
}

torch::Tensor largest(const std::vector<torch::Tensor>& live, bool partial) {
  torch::Tensor result;
  for (const torch::Tensor& x : live) {
    const torch::Tensor value = partial ? instead_of_absent(x, -std::numeric_limits<double>::infinity()) : x;
    result = result.defined() ? at::maximum(result, value) : value;
  }
  return result;
}

torch::Tensor mean(const std::vector<torch::Tensor>& live, bool partial) {
  torch::Tensor sum, count;
  for (const torch::Tensor& x : live) {
    const torch::Tensor value = partial ? instead_of_absent(x, 0) : x;
    sum = sum.defined() ? sum + value : value;
    if (!partial) continue;
    const torch::Tensor one = present(x).to(x.scalar_type());
    count = count.defined() ? count + one : one;
  }
  return partial ? sum / count.clamp_min(1).unsqueeze(1) : sum / double(live.size());
}

torch::Tensor side_by_side(c10::ArrayRef<torch::Tensor> inputs, c10::ArrayRef<std::int64_t> widths,
                           const torch::Tensor& alike, bool partial) {
  std::vector<torch::Tensor> parts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) {
      parts.push_back(torch::zeros({alike.size(0), widths[i]}, alike.options()));
    } else {
      parts.push_back(partial ? instead_of_absent(inputs[i], 0) : inputs[i]);
    }
  }
  return torch::cat(parts, 1);
}

}  // namespace

torch::Tensor present(const torch::Tensor& x) {
  return x.select(1, 0).isnan().logical_not();
}

torch::Tensor normalised_entropy(const torch::Tensor& scores) {
  if (scores.size(1) < 2) return torch::zeros({scores.size(0)}, scores.options());
  const torch::Tensor logs = scores.log_softmax(1);
  return -(logs.exp() * logs).sum(1) / std::log(double(scores.size(1)));
}

torch::Tensor with_verdict(const torch::Tensor& scores, double threshold) {
  const torch::Tensor leaves = normalised_entropy(scores).lt(threshold).to(scores.scalar_type());
  return torch::cat({scores, leaves.unsqueeze(1)}, 1);
}

ExitOutcome outcome_of(const torch::Tensor& scores) {
  ExitOutcome outcome;
  if (!scores.defined()) return outcome;
  const torch::Tensor flat = scores.cpu().contiguous(), entropy = normalised_entropy(flat).contiguous();
  const auto* values = entropy.data_ptr<float>();
  outcome.entropy.assign(values, values + entropy.numel());
  for (std::int64_t row = 0; row < flat.size(0); ++row) {
    outcome.labels.push_back(largest_score(flat.data_ptr<float>() + row * flat.size(1), flat.size(1)));
  }
  return outcome;
}

torch::Tensor gate(const torch::Tensor& x, c10::ArrayRef<torch::Tensor> verdicts) {
  if (!x.defined()) return x;
  torch::Tensor left;
  for (const torch::Tensor& verdict : verdicts) {
    if (!verdict.defined()) continue;
    const torch::Tensor now = verdict.select(1, verdict.size(1) - 1).ne(0);  // an absent row has left before
    left = left.defined() ? left.logical_or(now) : now;
  }
  return left.defined() ? x.masked_fill(left.unsqueeze(1), kAbsent) : x;
}

torch::Tensor answers(c10::ArrayRef<torch::Tensor> exits) {
  torch::Tensor answer, left;
  for (std::size_t e = 0; e < exits.size(); ++e) {
    if (!exits[e].defined()) continue;
    torch::Tensor own = exits[e].clone();
    own.select(1, own.size(1) - 1).fill_(double(e));
    const torch::Tensor here = present(exits[e]), sure = exits[e].select(1, own.size(1) - 1).eq(1);
    if (!answer.defined()) {
      answer = own;
      left = sure;
      continue;
    }
    const torch::Tensor takes = here.logical_and(left.logical_not());
    answer = torch::where(takes.unsqueeze(1), own, answer);
    left = left.logical_or(sure);
  }
  if (answer.defined()) answer.select(1, answer.size(1) - 1).masked_fill_(present(answer).logical_not(), -1);
  return answer;
}

torch::Tensor aggregate(Aggregation how, c10::ArrayRef<torch::Tensor> inputs,
                        c10::ArrayRef<std::int64_t> widths, bool partial) {
  std::vector<torch::Tensor> live;
  for (const torch::Tensor& x : inputs) {
    if (x.defined()) live.push_back(x);
  }
  if (live.empty()) return {};
  if (how == Aggregation::max) return largest(live, partial);
  if (how == Aggregation::mean) return mean(live, partial);
  return side_by_side(inputs, widths, live.front(), partial);
}

}  // namespace deepfog
