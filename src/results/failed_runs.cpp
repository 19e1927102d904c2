#include "results/failed_runs.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

namespace deepfog {
namespace {

const std::string kRun = "run ";

std::vector<std::string> lines_of(const ModelResults& model) {
  const auto entry = model.text.find("failed_runs");
  std::vector<std::string> lines;
  if (entry == model.text.end()) return lines;
  std::istringstream text(entry->second);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string status_of(const Results& results) {
  const auto entry = results.text.find("status");
  if (entry == results.text.end()) return "unknown";
  const bool failed = entry->second == "share" && !failed_run_lines(results).empty();
  return failed ? failed_runs_status : entry->second;
}

bool unfinished(const std::string& status) {
  return status == "running" || status == "interrupted" || status == "share";
}

std::string validity_word(const Results& results) {
  if (unfinished(status_of(results))) return "unknown";
  return results.valid ? "1" : "0";
}

void note_failed_run(ModelResults& model, std::int64_t run, const std::string& reason) {
  std::string line = reason;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), ';', ',');  // which separates reasons of a file
  std::string& text = model.text["failed_runs"];
  text += (text.empty() ? "" : "\n") + kRun + std::to_string(run) + ": " + line;
}

std::vector<std::int64_t> failed_runs(const ModelResults& model) {
  std::vector<std::int64_t> runs;
  for (const std::string& line : lines_of(model)) {
    if (line.compare(0, kRun.size(), kRun) == 0)
      runs.push_back(std::strtoll(line.c_str() + kRun.size(), nullptr, 10));
  }
  return runs;
}

std::vector<std::string> failed_run_lines(const Results& results) {
  std::vector<std::string> lines;
  for (const ExperimentResults& experiment : results.experiments) {
    for (const ModelResults& model : experiment.models) {
      for (const std::string& line : lines_of(model))
        lines.push_back("experiment " + experiment.name + ", model " + model.name + ", " + line);
    }
  }
  return lines;
}

std::string failed_runs_reason(const Results& results) {
  const std::vector<std::string> lines = failed_run_lines(results);
  std::string text = "not complete: " + std::to_string(lines.size()) + " runs have failed";
  for (const std::string& line : lines) text += ", " + line;
  return text;
}

ExitCode tell_failed_runs(const Results& results, const std::string& way_out) {
  const std::vector<std::string> lines = failed_run_lines(results);
  for (const std::string& line : lines) std::cerr << "deepfog: FAILED: " << line << std::endl;
  std::cerr << "deepfog: " << lines.size() << (lines.size() == 1 ? " run has failed" : " runs have failed")
            << ", all others are finished and kept: change or remove the model and give the command again"
            << way_out << std::endl;
  const auto wrong = results.invalid_reasons.find("; ");
  if (wrong == std::string::npos) return ExitCode::failed;
  std::cerr << "deepfog: INVALID: " << results.invalid_reasons.substr(wrong + 2) << std::endl;
  return ExitCode::invalid;
}

}  // namespace deepfog
