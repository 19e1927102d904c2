#include "core/error.hpp"
#include "evaluation/sweep.hpp"

namespace deepfog {

void add(SweepCounts& sum, const SweepCounts& part) {
  if (sum.correct.empty()) {
    sum = part;
    return;
  }
  const auto add_list = [](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
    if (to.size() != from.size()) throw Failure("sweep counts of different shapes cannot be added");
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  add_list(sum.correct, part.correct);
  add_list(sum.confusion, part.confusion);
  const auto to = lists_of(sum.exits);
  const auto from = lists_of(part.exits);
  for (std::size_t l = 0; l < to.size(); ++l) add_list(*to[l], *from[l]);
  if (sum.right.empty() != part.right.empty())
    throw Failure("sweep counts with and without bits of the samples cannot be added");
  if (!part.right.empty()) sum.right.append(part.right);
  sum.samples += part.samples;
}

std::vector<double> guess_probabilities(const Dataset& dataset, const std::string& guess) {
  const auto classes = static_cast<std::size_t>(dataset.classes());
  if (guess == "uniform") return std::vector<double>(classes, 1.0 / double(classes));
  if (guess != "class_frequency") {
    throw UserError("guess", "unknown '" + guess + "'", "uniform, class_frequency");
  }
  std::vector<double> share(classes, 0.0);
  for (std::int64_t label : dataset.train.labels) share[label] += 1.0;
  for (double& value : share) value /= double(dataset.train.size());
  return share;
}

double guess_accuracy(const Dataset& dataset, const std::vector<double>& guess) {
  std::vector<std::int64_t> counts(guess.size(), 0);
  for (std::int64_t label : dataset.test.labels) ++counts[label];
  // Uniform guessing is correct with probability 1/C whatever the counts; summing shares would only add
  // rounding.
  bool uniform = true;
  for (double probability : guess) uniform = uniform && probability == guess[0];
  if (uniform) return guess[0];
  double expected = 0;
  for (std::size_t c = 0; c < guess.size(); ++c) {
    expected += guess[c] * double(counts[c]) / double(dataset.test.size());
  }
  return expected;
}

PrecisionRecall precision_recall(const std::int64_t* confusion, std::int64_t classes) {
  PrecisionRecall sum;
  std::int64_t present = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    std::int64_t truly = 0, predicted = 0;
    for (std::int64_t k = 0; k < classes; ++k) {
      truly += confusion[c * classes + k];
      predicted += confusion[k * classes + c];
    }
    if (truly == 0) continue;
    ++present;
    sum.recall += double(confusion[c * classes + c]) / double(truly);
    if (predicted > 0) sum.precision += double(confusion[c * classes + c]) / double(predicted);
  }
  if (present > 0) sum = {sum.precision / double(present), sum.recall / double(present)};
  return sum;
}

PrecisionRecall guessed_precision_recall(const std::vector<std::int64_t>& class_counts,
                                         const std::vector<double>& guess) {
  PrecisionRecall sum;
  std::int64_t total = 0, present = 0;
  for (std::int64_t count : class_counts) total += count;
  for (std::size_t c = 0; c < guess.size(); ++c) {
    if (class_counts[c] == 0) continue;
    ++present;
    sum.precision += double(class_counts[c]) / double(total);
    sum.recall += guess[c];
  }
  if (present > 0) sum = {sum.precision / double(present), sum.recall / double(present)};
  return sum;
}

}  // namespace deepfog
