#include "storage/hdf5_reader.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <limits>
#include <set>
#include <utility>

namespace deepfog::hdf5 {
namespace {

constexpr std::int64_t largest_table = std::int64_t{1}
                                       << 37;  // bytes in memory; more is a mistake or an attack
constexpr std::int64_t largest_attribute = std::int64_t{1} << 26;  // bytes
constexpr std::int64_t largest_chunk = std::int64_t{1} << 28;      // bytes, unpacked as a whole
constexpr hsize_t largest_count = 100000;                          // objects in a group

Shape shape_of(hid_t space, const Place& place) {
  const H5S_class_t kind = H5Sget_simple_extent_type(space);
  if (kind != H5S_SCALAR && kind != H5S_SIMPLE) throw UserError(place.where, "holds no value");
  hsize_t extents[H5S_MAX_RANK];
  const int rank = check(H5Sget_simple_extent_dims(space, extents, nullptr), place);
  Shape shape;
  for (int i = 0; i < rank; ++i) {
    if (extents[i] > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max())) {
      throw UserError(place.where, "extent " + std::to_string(extents[i]) + " is too large");
    }
    shape.push_back(static_cast<std::int64_t>(extents[i]));
  }
  return shape;
}

bool fits(const Shape& shape, const Shape& expected) {
  if (shape.size() != expected.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (expected[i] >= 0 && expected[i] != shape[i]) return false;
  }
  return true;
}

/// Bytes of all elements, or -1 when they are more than `limit`.
std::int64_t bytes_of(const Entry& entry, std::int64_t limit) {
  if (std::find(entry.shape.begin(), entry.shape.end(), 0) != entry.shape.end()) return 0;
  auto bytes = static_cast<std::int64_t>(H5Tget_size(entry.type.id()));
  if (bytes > limit) return -1;
  for (const std::int64_t extent : entry.shape) {
    if (extent > limit / bytes) return -1;
    bytes *= extent;
  }
  return bytes;
}

/// Links by their order of creation, where the group keeps it, and name. The library's own sorting (up to
/// version 1.14) frees memory that it has not set when a damaged link stands among good ones.
using Links = std::set<std::pair<std::int64_t, std::string>>;

herr_t add_link(hid_t, const char* name, const H5L_info_t* info, void* links) {
  static_cast<Links*>(links)->emplace(info->corder_valid ? info->corder : 0, name);
  return 0;
}

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

/// Values lie in the file itself, packed in ways that every HDF5 library knows, in chunks that memory can
/// hold.
void expect_plain_storage(hid_t properties, std::size_t value_bytes, const Place& place) {
  const H5D_layout_t layout = check(H5Pget_layout(properties), place);
  if (layout == H5D_VIRTUAL || check(H5Pget_external_count(properties), place) != 0)
    throw UserError(place.where, "its values are in other files", "values in this file");
  if (layout == H5D_CHUNKED) {
    hsize_t extents[H5S_MAX_RANK];
    const int rank = check(H5Pget_chunk(properties, H5S_MAX_RANK, extents), place);
    double bytes = static_cast<double>(value_bytes);
    for (int i = 0; i < rank; ++i) bytes *= static_cast<double>(extents[i]);
    if (bytes > largest_chunk) {
      throw UserError(place.where, "its chunks are too large",
                      "at most " + std::to_string(largest_chunk) + " bytes");
    }
  }
  const int filters = check(H5Pget_nfilters(properties), place);
  for (unsigned i = 0; i < static_cast<unsigned>(filters); ++i) {
    std::size_t values = 0;
    unsigned flags = 0, config = 0;
    const H5Z_filter_t filter =
        check(H5Pget_filter2(properties, i, &flags, &values, nullptr, 0, nullptr, &config), place);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
      throw UserError(place.where, "packed by filter " + std::to_string(filter),
                      "gzip, shuffle and fletcher32");
  }
}

/// Network file systems without locks answer with these; any other refusal means that somebody writes the
/// file.
bool locks_unsupported(const std::string& error) {
  for (const int code : {ENOSYS, ENOLCK, EOPNOTSUPP}) {
    if (error.find("errno = " + std::to_string(code) + ",") != std::string::npos) return true;
  }
  return false;
}

void say_no_lock(const std::string& path) {
  static std::atomic<bool> said{false};
  if (!said.exchange(true)) {
    std::cerr << path
              << ": this file system has no file locks; reading without (HDF5_USE_FILE_LOCKING=FALSE)\n";
  }
}

}  // namespace

Reader::Reader(const std::string& path, const std::string& format, std::int64_t version) : path_(path) {
  silence_library();
  open_file();
  if (!has_attribute("/", "format")) throw UserError(where("/@format"), "missing", format);
  std::string found = text("/", "format");
  if (found != format) {
    std::replace_if(
        found.begin(), found.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    throw UserError(where("/@format"), "'" + found + "'", format);
  }
  const auto found_version = value<std::int64_t>("/", "format_version");
  if (found_version != version) {
    throw UserError(where("/@format_version"), std::to_string(found_version), std::to_string(version));
  }
}

void Reader::open_file() {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) throw UserError(path_, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw UserError(path_, "not a regular file");
  const Place place{Blame::file, path_};
  Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, place);
  hid_t id = H5Fopen(path_.c_str(), H5F_ACC_RDONLY, access.id());
  if (id < 0) {
    const std::string error = last_error();
    if (error.find("unable to lock file") != std::string::npos) {
      if (!locks_unsupported(error)) throw UserError(path_, "in use by another program");
      say_no_lock(path_);
      check(H5Pset_file_locking(access.id(), false, true), place);
      id = check(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, access.id()), place);
    } else if (error.find("file signature not found") != std::string::npos) {
      throw UserError(path_, status.st_size == 0 ? "empty" : "not an HDF5 file");
    } else {
      raise(place, error);
    }
  }
  file_ = Handle(id, H5Fclose);
}

bool Reader::has(const std::string& object) const {
  if (object == "/") return true;
  for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
    const std::string part = object.substr(0, end);
    if (check(H5Lexists(file_.id(), part.c_str(), H5P_DEFAULT), at(part)) == 0) return false;
    H5L_info_t link;
    check(H5Lget_info(file_.id(), part.c_str(), &link, H5P_DEFAULT), at(part));
    // A soft or external link may lead to any file of this machine.
    if (link.type != H5L_TYPE_HARD) throw UserError(where(part), "a link", "an object of this file");
    if (end == std::string::npos) return true;
  }
}

Handle Reader::open_object(const std::string& object) const {
  if (!has(object)) throw UserError(where(object), "missing");
  return own(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), H5Oclose, at(object));
}

bool Reader::has_attribute(const std::string& object, const std::string& name) const {
  const Handle parent = open_object(object);
  return check(H5Aexists(parent.id(), name.c_str()), at(object + "@" + name)) > 0;
}

std::vector<std::string> Reader::children(const std::string& group) const {
  const Handle id = open_object(group);
  if (H5Iget_type(id.id()) != H5I_GROUP) throw UserError(where(group), "not a group", "a group");
  H5G_info_t info;
  check(H5Gget_info(id.id(), &info), at(group));
  if (info.nlinks > largest_count)
    throw UserError(where(group), std::to_string(info.nlinks) + " objects", "at most 100000");
  Links links;
  check(H5Literate(id.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add_link, &links), at(group));
  std::vector<std::string> names;
  for (const auto& [order, name] : links) names.push_back(name);
  return names;
}

std::vector<std::string> Reader::attribute_names(const std::string& object) const {
  const Handle id = open_object(object);
  std::vector<std::string> names;
  check(H5Aiterate2(id.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add_attribute, &names), at(object));
  std::sort(names.begin(), names.end());
  return names;
}

Entry Reader::open(const std::string& table) const {
  Entry entry;
  entry.where = where(table);
  entry.id = open_object(table);
  if (H5Iget_type(entry.id.id()) != H5I_DATASET) throw UserError(entry.where, "a group", "a table");
  const Place place = at(table);
  entry.type = own(H5Dget_type(entry.id.id()), H5Tclose, place);
  expect_plain_storage(own(H5Dget_create_plist(entry.id.id()), H5Pclose, place).id(),
                       H5Tget_size(entry.type.id()), place);
  entry.shape = shape_of(own(H5Dget_space(entry.id.id()), H5Sclose, place).id(), place);
  return entry;
}

Entry Reader::open_attribute(const std::string& object, const std::string& name) const {
  if (!has_attribute(object, name)) throw UserError(where(object + "@" + name), "missing");
  Entry entry;
  entry.attribute = true;
  entry.where = where(object + "@" + name);
  const Place place{Blame::file, entry.where};
  entry.id = own(H5Aopen_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                 H5Aclose, place);
  entry.type = own(H5Aget_type(entry.id.id()), H5Tclose, place);
  entry.shape = shape_of(own(H5Aget_space(entry.id.id()), H5Sclose, place).id(), place);
  return entry;
}

std::string Reader::text(const std::string& object, const std::string& name) const {
  return read_strings(open_attribute(object, name), {}).front();
}

std::vector<std::string> Reader::read_strings(const Entry& entry, const Shape& expected) {
  expect(entry, Type::string, expected);
  if (H5Tget_strpad(entry.type.id()) != H5T_STR_NULLPAD)
    throw UserError(entry.where, "a string that is not null-padded", "null-padded strings");
  const std::size_t length = H5Tget_size(entry.type.id());
  std::string bytes(length * elements(entry), '\0');
  if (!bytes.empty()) read_into(entry, entry.type.id(), bytes.data());
  std::vector<std::string> values;
  for (std::size_t i = 0; i < bytes.size(); i += length) {
    std::string value = bytes.substr(i, length);
    value.resize(value.find_last_not_of('\0') + 1);
    values.push_back(std::move(value));
  }
  return values;
}

void Reader::expect(const Entry& entry, Type type, const Shape& expected) {
  if (type_of(entry.type.id()) != type) {
    throw UserError(entry.where, "type " + type_name(entry.type.id()), type_name(type));
  }
  if (!fits(entry.shape, expected)) {
    throw UserError(entry.where, "shape " + format_shape(entry.shape), format_shape(expected));
  }
  expect_stored(entry);
}

void Reader::expect_stored(const Entry& entry) {
  const std::int64_t limit = entry.attribute ? largest_attribute : largest_table;
  const std::int64_t bytes = bytes_of(entry, limit);
  if (bytes < 0) {
    throw UserError(entry.where, "shape " + format_shape(entry.shape) + " is too large",
                    "at most " + std::to_string(limit) + " bytes");
  }
  // gzip packs at most 1032 to 1: a small file cannot hold a table that fills the memory.
  constexpr std::int64_t unsuspicious = std::int64_t{1} << 20, best_ratio = 1100;
  if (entry.attribute || bytes <= unsuspicious) return;
  const hsize_t stored = H5Dget_storage_size(entry.id.id());
  if (stored < static_cast<hsize_t>(bytes / best_ratio)) {
    throw UserError(
        entry.where,
        "shape " + format_shape(entry.shape) + ", but only " + std::to_string(stored) + " bytes are stored",
        "a complete table");
  }
}

std::size_t Reader::elements(const Entry& entry) {
  std::size_t count = 1;
  for (const std::int64_t extent : entry.shape) count *= static_cast<std::size_t>(extent);
  return count;
}

void Reader::read_into(const Entry& entry, hid_t native, void* values) {
  const Place place{Blame::file, entry.where};
  if (elements(entry) == 0) return;
  if (entry.attribute) {
    check(H5Aread(entry.id.id(), native, values), place);
  } else {
    check(H5Dread(entry.id.id(), native, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), place);
  }
}

void Reader::read_block(const Entry& entry, hid_t native, std::int64_t begin, std::int64_t count,
                        void* values) {
  const Place place{Blame::file, entry.where};
  const hsize_t start[2] = {static_cast<hsize_t>(begin), 0};
  const hsize_t size[2] = {static_cast<hsize_t>(count), static_cast<hsize_t>(entry.shape.at(1))};
  const Handle there = own(H5Dget_space(entry.id.id()), H5Sclose, place);
  check(H5Sselect_hyperslab(there.id(), H5S_SELECT_SET, start, nullptr, size, nullptr), place);
  const Handle here = own(H5Screate_simple(2, size, nullptr), H5Sclose, place);
  check(H5Dread(entry.id.id(), native, here.id(), there.id(), H5P_DEFAULT, values), place);
}

std::int64_t Reader::chunk_rows(const Entry& entry) {
  const Place place{Blame::file, entry.where};
  const Handle properties = own(H5Dget_create_plist(entry.id.id()), H5Pclose, place);
  if (check(H5Pget_layout(properties.id()), place) != H5D_CHUNKED) return 1;
  hsize_t extents[H5S_MAX_RANK];
  check(H5Pget_chunk(properties.id(), H5S_MAX_RANK, extents), place);
  return std::max<std::int64_t>(
      1, std::min<std::int64_t>(entry.shape.at(0), static_cast<std::int64_t>(extents[0])));
}

}  // namespace deepfog::hdf5
