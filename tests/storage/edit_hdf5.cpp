#include "edit_hdf5.hpp"

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "scratch.hpp"

namespace deepfog::test {
namespace {

using hdf5::Blame;
using hdf5::check;
using hdf5::Element;
using hdf5::Handle;
using hdf5::own;
using hdf5::Shape;

const hdf5::Place here{Blame::machine, "test"};

Handle space_of(const Shape& shape) {
  if (shape.empty()) return own(H5Screate(H5S_SCALAR), H5Sclose, here);
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return own(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose, here);
}

void drop(hid_t file, const std::string& object) {
  if (check(H5Lexists(file, object.c_str(), H5P_DEFAULT), here) > 0) {
    check(H5Ldelete(file, object.c_str(), H5P_DEFAULT), here);
  }
}

void put(hid_t file, const std::string& object, const Shape& shape, hid_t type, const void* values) {
  drop(file, object);
  const Handle space = space_of(shape);
  const Handle table =
      own(H5Dcreate2(file, object.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
          here);
  check(H5Dwrite(table.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), here);
}

void put_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                   const void* value) {
  const Handle parent = own(H5Oopen(file, object.c_str(), H5P_DEFAULT), H5Oclose, here);
  if (check(H5Aexists(parent.id(), name.c_str()), here) > 0)
    check(H5Adelete(parent.id(), name.c_str()), here);
  const Handle space = space_of({});
  const Handle id =
      own(H5Acreate2(parent.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, here);
  check(H5Awrite(id.id(), type, value), here);
}

}  // namespace

void edit(const std::string& path, const std::function<void(hid_t file)>& change) {
  hdf5::silence_library();
  const Handle file = own(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, here);
  change(file.id());
}

Edit remove(const std::string& object) {
  return [=](const std::string& path) {
    edit(path, [&](hid_t file) { check(H5Ldelete(file, object.c_str(), H5P_DEFAULT), here); });
  };
}

Edit remove_attribute(const std::string& object, const std::string& name) {
  return [=](const std::string& path) {
    edit(path, [&](hid_t file) {
      check(H5Adelete_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT), here);
    });
  };
}

template <class T>
Edit replace(const std::string& object, const Shape& shape, const std::vector<T>& values) {
  return [=](const std::string& path) {
    edit(path, [&](hid_t file) { put(file, object, shape, Element<T>::native(), values.data()); });
  };
}
template Edit replace(const std::string&, const Shape&, const std::vector<std::int32_t>&);
template Edit replace(const std::string&, const Shape&, const std::vector<std::int64_t>&);
template Edit replace(const std::string&, const Shape&, const std::vector<std::uint8_t>&);
template Edit replace(const std::string&, const Shape&, const std::vector<float>&);
template Edit replace(const std::string&, const Shape&, const std::vector<double>&);

template <class T>
Edit replace_attribute(const std::string& object, const std::string& name, T value) {
  return [=](const std::string& path) {
    edit(path, [&](hid_t file) { put_attribute(file, object, name, Element<T>::native(), &value); });
  };
}
template Edit replace_attribute(const std::string&, const std::string&, std::int64_t);
template Edit replace_attribute(const std::string&, const std::string&, std::uint8_t);
template Edit replace_attribute(const std::string&, const std::string&, double);

Edit replace_text(const std::string& object, const std::string& name, const std::string& value) {
  return [=](const std::string& path) {
    const Handle type = hdf5::string_type(value.size(), here);
    edit(path, [&](hid_t file) { put_attribute(file, object, name, type.id(), value.c_str()); });
  };
}

Edit replace_strings(const std::string& object, const std::vector<std::string>& values) {
  return [=](const std::string& path) {
    std::size_t length = 1;
    for (const std::string& value : values) length = std::max(length, value.size());
    std::string bytes;
    for (const std::string& value : values) bytes += value + std::string(length - value.size(), '\0');
    const Handle type = hdf5::string_type(length, here);
    edit(path, [&](hid_t file) {
      put(file, object, {static_cast<std::int64_t>(values.size())}, type.id(), bytes.data());
    });
  };
}

Edit claim(const std::string& object, const std::vector<hsize_t>& shape, hid_t type) {
  return [=](const std::string& path) {
    edit(path, [&](hid_t file) {
      drop(file, object);
      const Handle properties = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, here);
      std::vector<hsize_t> chunk(shape.size(), 1);
      check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), here);
      const Handle space =
          own(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, here);
      own(H5Dcreate2(file, object.c_str(), type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
          H5Dclose, here);
    });
  };
}

Edit truncate(std::size_t bytes) {
  return [=](const std::string& path) { std::filesystem::resize_file(path, bytes); };
}

Edit flip_byte_of(const std::string& marker) {
  return [=](const std::string& path) {
    std::string bytes = read_file(path);
    const std::size_t at = bytes.find(marker);
    if (at == std::string::npos) throw Failure("no such bytes in " + path);
    bytes[at + marker.size()] = static_cast<char>(bytes[at + marker.size()] ^ 1);
    write_file(path, bytes);
  };
}

Edit both(const Edit& first, const Edit& second) {
  return [=](const std::string& path) {
    first(path);
    second(path);
  };
}

}  // namespace deepfog::test
