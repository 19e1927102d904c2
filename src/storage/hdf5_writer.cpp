#include "storage/hdf5_writer.hpp"

#include <hdf5_hl.h>

#include <algorithm>

#include "core/error.hpp"
#include "storage/whole_file.hpp"

namespace deepfog::hdf5 {
namespace {

constexpr std::size_t packed_from = 64 * 1024;    // bytes; smaller tables are stored as they are
constexpr std::size_t chunk_bytes = 1024 * 1024;  // fits HDF5's chunk cache
constexpr std::size_t memory_step = 1024 * 1024;  // by which the file in memory grows

/// Chunks of at most chunk_bytes, the last dimensions whole as far as they fit.
std::vector<hsize_t> chunk_of(const Shape& shape, std::size_t element) {
  std::vector<hsize_t> chunk(shape.size());
  std::size_t bytes = element;
  for (std::size_t i = shape.size(); i-- > 0;) {
    chunk[i] =
        std::min<hsize_t>(static_cast<hsize_t>(shape[i]), std::max<std::size_t>(1, chunk_bytes / bytes));
    bytes *= chunk[i];
  }
  return chunk;
}

Handle properties_without_times(hid_t kind, const Place& place) {
  Handle properties = own(H5Pcreate(kind), H5Pclose, place);
  // Brings object headers of 1.8, whose attributes (a long config) may be larger than 64 KiB.
  check(H5Pset_attr_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED), place);
  check(H5Pset_obj_track_times(properties.id(), false), place);
  return properties;
}

Handle group_properties(hid_t kind, const Place& place) {
  Handle properties = properties_without_times(kind, place);
  check(H5Pset_link_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), place);
  return properties;
}

}  // namespace

Writer::Writer(const std::string& path, const std::string& format, std::int64_t version) : path_(path) {
  silence_library();
  const Place place{Blame::machine, path};
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, place);
  check(H5Pset_fapl_core(access.id(), memory_step, false), place);
  // The oldest superblock, HDF5's default: H5Fget_file_image of 1.10 spoils the checksum of the later ones.
  const Handle creation = group_properties(H5P_FILE_CREATE, place);
  file_ = own(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose, place);
  text("/", "format", format);
  value<std::int64_t>("/", "format_version", version);
}

std::string Writer::join(const std::string& group, const std::string& name) const {
  if (name.empty() || name == "." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    raise(at(group), "'" + name + "' cannot name an HDF5 object");
  }
  return group + "/" + name;
}

void Writer::group(const std::string& object) {
  const Handle properties = group_properties(H5P_GROUP_CREATE, at(object));
  own(H5Gcreate2(file_.id(), object.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Gclose,
      at(object));
}

Handle Writer::space(const Shape& shape, const Place& place) const {
  if (shape.empty()) return own(H5Screate(H5S_SCALAR), H5Sclose, place);
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return own(H5Screate_simple(static_cast<int>(shape.size()), extents.data(), nullptr), H5Sclose, place);
}

void Writer::text(const std::string& object, const std::string& name, const std::string& value) {
  const Handle type = string_type(value.size(), at(object + "@" + name));
  attribute(object, name, {}, type.id(), type.id(), value.c_str());  // an empty text is its ending NUL
}

void Writer::attribute(const std::string& object, const std::string& name, const Shape& shape, hid_t stored,
                       hid_t native, const void* values) {
  const Place place = at(object + "@" + name);
  const Handle extent = space(shape, place);
  const Handle parent = own(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), H5Oclose, place);
  const Handle id = own(H5Acreate2(parent.id(), name.c_str(), stored, extent.id(), H5P_DEFAULT, H5P_DEFAULT),
                        H5Aclose, place);
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (!empty) check(H5Awrite(id.id(), native, values), place);
}

void Writer::table(const std::string& object, const Shape& shape, std::size_t count, std::size_t bytes,
                   hid_t stored, hid_t native, const void* values) {
  const Place place = at(object);
  std::size_t expected = 1;
  for (const std::int64_t extent : shape) expected *= static_cast<std::size_t>(extent);
  if (count != expected) raise(place, std::to_string(count) + " values for shape " + format_shape(shape));
  const Handle extent = space(shape, place);
  const Handle properties = properties_without_times(H5P_DATASET_CREATE, place);
  if (count * bytes > packed_from && !shape.empty()) {
    const std::vector<hsize_t> chunk = chunk_of(shape, bytes);
    check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), place);
    check(H5Pset_shuffle(properties.id()), place);
    check(H5Pset_deflate(properties.id(), 4), place);
  }
  const Handle id = own(
      H5Dcreate2(file_.id(), object.c_str(), stored, extent.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      H5Dclose, place);
  if (count > 0) check(H5Dwrite(id.id(), native, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), place);
}

void Writer::strings(const std::string& object, const std::vector<std::string>& values) {
  std::size_t length = 1;
  for (const std::string& value : values) length = std::max(length, value.size());
  std::string bytes;
  for (const std::string& value : values) bytes += value + std::string(length - value.size(), '\0');
  const Handle type = string_type(length, at(object));
  table(object, {static_cast<std::int64_t>(values.size())}, values.size(), length, type.id(), type.id(),
        bytes.data());
}

void Writer::text_table(const std::string& object, const std::string& value) {
  const Handle type = string_type(value.size(), at(object));
  table(object, {}, 1, value.size(), type.id(), type.id(), value.c_str());
}

void Writer::scale(const std::string& object, const std::string& name) {
  const Handle id = own(H5Dopen2(file_.id(), object.c_str(), H5P_DEFAULT), H5Dclose, at(object));
  check(H5DSset_scale(id.id(), name.c_str()), at(object));
}

void Writer::attach(const std::string& table, unsigned dimension, const std::string& scale) {
  const Handle id = own(H5Dopen2(file_.id(), table.c_str(), H5P_DEFAULT), H5Dclose, at(table));
  const Handle other = own(H5Dopen2(file_.id(), scale.c_str(), H5P_DEFAULT), H5Dclose, at(scale));
  check(H5DSattach_scale(id.id(), other.id(), dimension), at(table));
}

void Writer::commit() {
  const Place place{Blame::machine, path_};
  check(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), place);
  const ssize_t size = check(H5Fget_file_image(file_.id(), nullptr, 0), place);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  check(H5Fget_file_image(file_.id(), bytes.data(), bytes.size()), place);
  file_ = Handle();
  write_whole(path_, bytes);
}

}  // namespace deepfog::hdf5
