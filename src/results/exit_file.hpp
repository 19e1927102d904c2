#pragma once

#include <string>
#include <vector>

#include "results/exit_tables.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"

/// Private to results_file.cpp, results_reader.cpp and results_schema.cpp: the group exits of a model.
namespace deepfog::exit_file {

/// The rows of a model's tables: combinations, or classes with class 0; none in a table of bounds.
struct Rows {
  std::int64_t runs = 0, rows = 0;
  bool combinations = true;  ///< that the dimension scale of combinations belongs to them
};

/// @param model   the model's group, "/experiments/E/models/M"
/// @param scales  the group of the dimension scales run and combination
/// Throws Failure when a table does not fill its shape.
void write(hdf5::Writer& file, const std::string& model, const Rows& rows, const std::string& scales,
           const ExitTables& tables);

/// Empty tables where the model has no such group. Every size is compared with those it must agree with
/// before memory is taken. Throws UserError "file:object: what (allowed)".
ExitTables read(const hdf5::Reader& file, const std::string& model, const Rows& rows);

/// Lines of results_schema(). @param model  ends in '/'
std::vector<std::string> schema(const std::string& model);

}  // namespace deepfog::exit_file
