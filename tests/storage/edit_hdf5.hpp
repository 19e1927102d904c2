#pragma once

#include <functional>
#include <string>

#include "storage/hdf5.hpp"

/// Ways to spoil a good file, for the tables of bad files. Failures of the library throw Failure.
namespace deepfog::test {

using Edit = std::function<void(const std::string& path)>;

/// Opens the file for writing and hands it over.
void edit(const std::string& path, const std::function<void(hid_t file)>& change);

Edit remove(const std::string& object);
Edit remove_attribute(const std::string& object, const std::string& name);
/// Puts a table (or, with a name, an attribute) in the place of what is there.
template <class T>
Edit replace(const std::string& object, const hdf5::Shape& shape, const std::vector<T>& values);
template <class T>
Edit replace_attribute(const std::string& object, const std::string& name, T value);
Edit replace_text(const std::string& object, const std::string& name, const std::string& value);
Edit replace_strings(const std::string& object, const std::vector<std::string>& values);
/// A table that claims a shape and stores nothing.
Edit claim(const std::string& object, const std::vector<hsize_t>& shape, hid_t type);
Edit truncate(std::size_t bytes);
Edit flip_byte_of(const std::string& marker);  ///< the byte behind the first place where `marker` stands
Edit both(const Edit& first, const Edit& second);

}  // namespace deepfog::test
