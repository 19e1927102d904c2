#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "results/results_file.hpp"
#include "results/violations.hpp"
#include "topology/topology.hpp"

namespace deepfog::verification {

using Averages = std::map<std::string, std::vector<double>>;

/// The part of a model's checks that depends on how its counts are kept (attribute `table`). What is common
/// to all forms stands in ModelCheck.
class TableCheck {
 public:
  TableCheck(const ExperimentResults& experiment, const ModelResults& model, Violations& violations);
  virtual ~TableCheck() = default;

  virtual bool sizes() = 0;  ///< false: the tables cannot be walked
  virtual void topology(const Topology& topology) = 0;
  virtual void run(std::size_t run) = 0;

  /// One row of `columns` values a reliability setting, no more, no fewer.
  bool settings(const std::string& name, const Averages& averages, std::size_t columns = 1);

 protected:
  static std::string at(std::size_t run) { return "run " + std::to_string(run) + ": "; }
  bool size(const std::string& name, std::size_t found, std::size_t expected);
  bool absent(const std::string& name, bool empty);  ///< a table of another form
  void average(const std::string& where, std::size_t run, double found, double expected);
  /// An average accuracy between the least and the greatest value of its table; `whole`: that of the
  /// undistributed network.
  void average_accuracy(const std::string& setting, std::size_t run, double expected, double least,
                        double most, double whole);
  void accuracy(const std::string& name, const std::string& place, std::int64_t correct, double accuracy,
                bool flows);

  const ExperimentResults& e_;
  const ModelResults& m_;
  Violations& violations_;
  std::string base_;
  std::size_t runs_;
};

/// @param probabilities  setting -> Equation 2 for every combination
std::unique_ptr<TableCheck> check_combinations(const ExperimentResults& experiment, const ModelResults& model,
                                               const Averages& probabilities, Violations& violations);
std::unique_ptr<TableCheck> check_classes(const ExperimentResults& experiment, const ModelResults& model,
                                          Violations& violations);
std::unique_ptr<TableCheck> check_bounds(const ExperimentResults& experiment, const ModelResults& model,
                                         Violations& violations);

}  // namespace deepfog::verification
