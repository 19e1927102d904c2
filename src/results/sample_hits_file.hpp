#pragma once

#include <string>
#include <vector>

#include "results/results_file.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"

/// Private to results_file.cpp, results_reader.cpp and results_schema.cpp: what every test sample got, tables
/// right and right_row of a model, and test_labels of its experiment.
namespace deepfog::sample_hits_file {

/// @param base  the experiment's group. Nothing is written of samples that nobody keeps.
void write_labels(hdf5::Writer& file, const std::string& base, const ExperimentResults& experiment);
/// @param base    the model's group
/// @param scales  the group of the dimension scales run and combination
/// Throws Failure when a table does not fill its shape.
void write(hdf5::Writer& file, const std::string& base, const ExperimentResults& experiment,
           const std::string& scales, const ModelResults& model);

/// Leave what is not there empty. Every size is compared with those it must agree with before memory is
/// taken; labels, rows and the ends of the bits are checked, too. Throw UserError "file:object: what
/// (allowed)".
void read_labels(const hdf5::Reader& file, const std::string& base, ExperimentResults& experiment);
void read(const hdf5::Reader& file, const std::string& base, const ExperimentResults& experiment,
          ModelResults& model);

/// Lines of results_schema(). @param experiment  ends in '/'
std::vector<std::string> schema(const std::string& experiment);

}  // namespace deepfog::sample_hits_file
