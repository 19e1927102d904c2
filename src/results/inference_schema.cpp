#include <type_traits>

#include "results/inference_columns.hpp"
#include "results/inference_file.hpp"

namespace deepfog::inference_file {
namespace {

const std::string base = "/inference/<name>/";

template <class Value>
std::string word() {
  if constexpr (std::is_same_v<Value, std::string>) {
    return "string";
  } else {
    return hdf5::type_name(hdf5::Element<Value>::type);
  }
}

void add(std::vector<std::string>& lines, const std::string& ending, const std::vector<std::string>& names) {
  for (const std::string& name : names) lines.push_back(base + name + ending);
}

}  // namespace

std::vector<std::string> schema() {
  std::vector<std::string> lines;
  add(lines, "|attribute|string|0|required",
      {"experiment", "model", "dataset", "data_origin", "scenario", "ending"});
  add(lines, "|attribute|string|0|optional",
      {"assignment", "data_sha256", "failures", "guess", "kernels", "log_key", "split", "timeouts", "weights",
       "weights_sha256"});
  add(lines, "|attribute|int64|0|required", {"groups", "classes", "header_bytes"});
  add(lines, "|attribute|int64|0|optional",
      {"batch", "checked_rounds", "depth", "heartbeat_us", "limit_us", "rounds_off_plan", "rounds_repeated",
       "run", "seed", "stride", "unequal_rounds"});
  add(lines, "|attribute|float64|0|required", {"guess_accuracy"});
  add(lines, "|attribute|float64|0|optional", {"exit_threshold", "rate"});
  add(lines, "|dataset|string|0|required", {"topology/text", "script"});
  add(lines, "|dataset|string|1|required", {"topology/links", "topology/failing"});
  add(lines, "|dataset|uint8|2|required", {"rounds/used", "rounds/timed_out"});
  add(lines, "|dataset|int64|1|required", {"labels", "rounds/prediction"});
  add(lines, "|dataset|int64|1|optional", {"rounds/exit"});
  const InferenceResults none;
  inference_columns::each_table(none, [&](const std::string& name, const auto& table) {
    inference_columns::each_column(table, [&](const auto& one) {
      using Values = std::decay_t<decltype(table.*one.values)>;
      add(lines, "|dataset|" + word<typename Values::value_type>() + "|1|required", {name + "/" + one.name});
    });
  });
  return lines;
}

}  // namespace deepfog::inference_file
