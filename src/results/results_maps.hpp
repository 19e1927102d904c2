#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/hdf5_reader.hpp"

namespace deepfog {

/// Private to the readers of results files. Sorts the scalar attributes of an object by type into their maps,
/// leaving out those that have members of their own. Throws UserError where another type is found.
/// @param numbers  null: no float64 is allowed
void read_maps(const hdf5::Reader& file, const std::string& object, const std::vector<std::string>& apart,
               std::map<std::string, std::string>& text, std::map<std::string, std::int64_t>& integers,
               std::map<std::string, double>* numbers);

}  // namespace deepfog
