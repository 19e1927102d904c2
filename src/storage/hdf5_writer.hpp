#pragma once

#include <map>

#include "storage/hdf5.hpp"

namespace deepfog::hdf5 {

/// Makes an HDF5 file in memory and puts it in place whole: HDF5 never touches the disk, so a full disk meets
/// plain write() and not a half-closed library. Without time stamps: the same calls give the same bytes.
/// Groups remember the order of their making. Every method throws Failure "file:object: why".
class Writer {
 public:
  /// Starts a file whose root says format and format_version.
  Writer(const std::string& path, const std::string& format, std::int64_t version);

  /// "group/name"; Failure when the name cannot be one object's: HDF5 reads '/' as a path and '.' as the
  /// group itself.
  std::string join(const std::string& group, const std::string& name) const;

  void group(const std::string& object);
  void text(const std::string& object, const std::string& name, const std::string& value);
  template <class T>
  void value(const std::string& object, const std::string& name, T value) {
    attribute(object, name, {}, Element<T>::stored(), Element<T>::native(), &value);
  }
  template <class T>
  void values(const std::string& object, const std::string& name, const std::vector<T>& values) {
    attribute(object, name, {static_cast<std::int64_t>(values.size())}, Element<T>::stored(),
              Element<T>::native(), values.data());
  }

  /// A table, row-major; packed when larger than 64 KiB. Throws Failure too when the values do not fill the
  /// shape.
  template <class T>
  void table(const std::string& object, const Shape& shape, const std::vector<T>& values) {
    table(object, shape, values.size(), sizeof(T), Element<T>::stored(), Element<T>::native(), values.data());
  }
  void strings(const std::string& object, const std::vector<std::string>& values);
  void text_table(const std::string& object, const std::string& value);

  /// Makes a table of rank 1 the dimension scale `name`; attach() ties it to a dimension of another table.
  void scale(const std::string& object, const std::string& name);
  void attach(const std::string& table, unsigned dimension, const std::string& scale);

  /// Ends the file and puts it in place (write_whole).
  void commit();

 private:
  Place at(const std::string& object) const { return {Blame::machine, path_ + ":" + object}; }
  void attribute(const std::string& object, const std::string& name, const Shape& shape, hid_t stored,
                 hid_t native, const void* values);
  void table(const std::string& object, const Shape& shape, std::size_t count, std::size_t bytes,
             hid_t stored, hid_t native, const void* values);
  Handle space(const Shape& shape, const Place& place) const;

  std::string path_;
  Handle file_;
};

}  // namespace deepfog::hdf5
