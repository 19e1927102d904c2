#pragma once

#include <string>
#include <vector>

#include "results/session_results.hpp"
#include "storage/hdf5_reader.hpp"
#include "storage/hdf5_writer.hpp"

/// Private to results_file.cpp, results_reader.cpp and results_schema.cpp: the group /sessions.
namespace deepfog::session_file {

void write(hdf5::Writer& file, const std::vector<SessionResults>& sessions);

/// Empty where the file has no such group. Throws UserError "file:object: what (allowed)".
std::vector<SessionResults> read(const hdf5::Reader& file);

/// Lines of results_schema().
std::vector<std::string> schema();

}  // namespace deepfog::session_file
