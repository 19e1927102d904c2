#pragma once

#include "core/error.hpp"
#include "storage/hdf5.hpp"

namespace deepfog::hdf5 {

/// A table or an attribute that was opened: its type and shape are known, its bytes are not read yet.
struct Entry {
  Handle id, type;
  Shape shape;
  bool attribute = false;
  std::string where;  ///< "file:/object" or "file:/object@attribute"
};

/// An HDF5 file that somebody else made: nothing in it is believed. Types and shapes are compared with what
/// the caller expects and sizes with what the file really stores, before memory is taken. Every method throws
/// UserError "file:object: what (allowed)".
class Reader {
 public:
  /// @param format, version  what the root attributes of these names must say
  Reader(const std::string& path, const std::string& format, std::int64_t version);

  std::string where(const std::string& object) const { return path_ + ":" + object; }
  bool has(const std::string& object) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  /// Names in a group, in the order of their making where the group remembers it, else by name.
  std::vector<std::string> children(const std::string& group) const;
  std::vector<std::string> attribute_names(const std::string& object) const;

  Entry open(const std::string& table) const;
  Entry open_attribute(const std::string& object, const std::string& name) const;

  std::string text(const std::string& object, const std::string& name) const;
  template <class T>
  T value(const std::string& object, const std::string& name) const {
    return read<T>(open_attribute(object, name), {}).front();
  }

  /// All values, row-major. @param expected  shape; -1 stands for any extent
  template <class T>
  static std::vector<T> read(const Entry& entry, const Shape& expected) {
    expect(entry, Element<T>::type, expected);
    std::vector<T> values(elements(entry));
    read_into(entry, Element<T>::native(), values.data());
    return values;
  }
  template <class T>
  std::vector<T> table(const std::string& object, const Shape& expected) const {
    return read<T>(open(object), expected);
  }
  /// Strings without their padding; a scalar gives one.
  static std::vector<std::string> read_strings(const Entry& entry, const Shape& expected);

  /// Rows [begin, begin + count) of a table of rank 2, for tables too large to hold twice.
  template <class T>
  static void read_rows(const Entry& entry, std::int64_t begin, std::int64_t count, T* values) {
    read_block(entry, Element<T>::native(), begin, count, values);
  }
  static std::int64_t chunk_rows(
      const Entry& entry);  ///< rows that are stored (and unpacked) together; at least 1

  /// Checks type, shape and that so many bytes can really be there.
  static void expect(const Entry& entry, Type type, const Shape& expected);

 private:
  Place at(const std::string& object) const { return {Blame::file, where(object)}; }
  void open_file();
  Handle open_object(const std::string& object) const;
  static std::size_t elements(const Entry& entry);
  static void read_into(const Entry& entry, hid_t native, void* values);
  static void read_block(const Entry& entry, hid_t native, std::int64_t begin, std::int64_t count,
                         void* values);
  static void expect_stored(const Entry& entry);

  std::string path_;
  Handle file_;
};

}  // namespace deepfog::hdf5
