#pragma once

#include <string>
#include <vector>

#include "results/partition_tables.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"

/// Private to results_file.cpp, results_reader.cpp and results_schema.cpp: the groups partition and front of
/// a model.
namespace deepfog::partition_file {

/// @param model      the model's group, "/experiments/E/models/M"
/// @param run_scale  the dimension scale of runs
/// Throws Failure when a table does not fill its shape.
void write(hdf5::Writer& file, const std::string& model, std::int64_t runs, const std::string& run_scale,
           const PartitionTables& tables);

/// Empty tables where the model has no such groups. Every size is compared with those it must agree with
/// before memory is taken. Throws UserError "file:object: what (allowed)".
PartitionTables read(const hdf5::Reader& file, const std::string& model, std::int64_t runs);

/// Lines of results_schema(). @param model  ends in '/'
std::vector<std::string> schema(const std::string& model);

}  // namespace deepfog::partition_file
