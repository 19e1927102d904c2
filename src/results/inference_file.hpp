#pragma once

#include <string>
#include <vector>

#include "results/inference_results.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"

/// Private to results_file.cpp and results_reader.cpp: the groups /inference/<name>.
namespace deepfog::inference_file {

/// Writes one group; /inference must be there. Throws Failure when a table does not fill its shape.
void write(hdf5::Writer& file, const InferenceResults& results);

/// Reads one group; every size is compared with those it must agree with before memory is taken. Throws
/// UserError "file:object: what (allowed)".
InferenceResults read(const hdf5::Reader& file, const std::string& name);

/// Lines of results_schema().
std::vector<std::string> schema();

}  // namespace deepfog::inference_file
