#pragma once

#include <string>
#include <vector>

#include "core/seed.hpp"

namespace deepfog::fuzz {

/// A few changes of single bytes, of ranges (cut, repeated, zeroed, exchanged) and of numbers in binary form.
std::string mutate_bytes(std::string bytes, RandomStream& draw);

/// A few changes of lines and words: left out, repeated, exchanged, taken from `words`, numbers made extreme.
std::string mutate_text(const std::string& text, const std::vector<std::string>& words, RandomStream& draw);

/// An extreme or ordinary number as 8 bytes, little-endian.
std::uint64_t odd_number(RandomStream& draw);

/// A few changes of the file's objects, attributes, values, types, shapes, links and storage: the file
/// remains valid HDF5. The file must be there.
void mutate_hdf5(const std::string& path, RandomStream& draw);

}  // namespace deepfog::fuzz
