#include <algorithm>
#include <functional>

#include "mutate.hpp"
#include "storage/hdf5.hpp"

namespace deepfog::fuzz {
namespace {

using hdf5::Handle;
using Extents = std::vector<hsize_t>;

constexpr hsize_t kMostWritten = 1 << 16;  // bytes of a table that are written

/// Statuses are not read: a change that the library refuses is no change.
class Mutation {
 public:
  Mutation(hid_t file, RandomStream& draw) : file_(file), draw_(draw) {
    H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, note, this);
    if (objects_.empty()) objects_.push_back("/");
  }

  void change() {
    switch (draw_.below(12)) {
      case 0:
        return remove();
      case 1:
        return rename();
      case 2:
        return link();
      case 3:
        return copy();
      case 4:
        return remake(pick());
      case 5:
        return change_attribute_list();
      case 6:
      case 7:
        return remake_attribute();
      case 8:
        return values_of_attribute();
      default:
        return values_of_table();
    }
  }

 private:
  static herr_t note(hid_t, const char* name, const H5L_info_t*, void* self) {
    auto& objects = static_cast<Mutation*>(self)->objects_;
    objects.push_back(std::string("/") + name);
    return objects.size() < 4000 ? 0 : 1;
  }

  std::uint64_t one_of(std::uint64_t bound) { return draw_.below(bound); }
  const std::string& pick() { return objects_[one_of(objects_.size())]; }
  static Handle own(hid_t id, Handle::Close close) { return {id, close}; }
  Handle open(const std::string& object) {
    return own(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
  }

  std::string new_name() {
    static const char* const odd[] = {"x",        "0",           ".",        "..", "",   "a b",
                                      "\xff\xfe", "line\nbreak", "\x1b[31m", "%s", "[]", "=",
                                      "format",   "correct",     "<b>",      "-1"};
    if (one_of(8) == 0) return std::string(1 + one_of(70'000), 'n');
    return odd[one_of(std::size(odd))];
  }

  /// Beside another object, under its own or another name.
  std::string new_place() {
    const std::string& beside = pick();
    const std::string folder = beside.substr(0, beside.rfind('/') + 1);
    if (one_of(2) == 0) return folder + new_name();
    const std::string& named = pick();
    return folder + named.substr(named.rfind('/') + 1);
  }

  void remove() { H5Ldelete(file_, pick().c_str(), H5P_DEFAULT); }

  void rename() {
    const std::string from = pick(), to = one_of(3) == 0 ? pick() : new_place();
    if (one_of(2) == 0) H5Ldelete(file_, to.c_str(), H5P_DEFAULT);
    H5Lmove(file_, from.c_str(), file_, to.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }

  /// Loops, links to nowhere and to other files, one object under two names.
  void link() {
    const std::string to = pick(), at = one_of(2) == 0 ? new_place() : to;
    if (one_of(2) == 0) H5Ldelete(file_, at.c_str(), H5P_DEFAULT);
    switch (one_of(5)) {
      case 0:
        H5Lcreate_soft(pick().c_str(), file_, at.c_str(), H5P_DEFAULT, H5P_DEFAULT);
        break;
      case 1:
        H5Lcreate_soft(at.c_str(), file_, at.c_str(), H5P_DEFAULT, H5P_DEFAULT);
        break;
      case 2:
        H5Lcreate_external("/dev/null", "/", file_, at.c_str(), H5P_DEFAULT, H5P_DEFAULT);
        break;
      case 3:
        H5Lcreate_hard(file_, "/", file_, at.c_str(), H5P_DEFAULT, H5P_DEFAULT);
        break;
      default:
        H5Lcreate_hard(file_, pick().c_str(), file_, at.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    }
  }

  void copy() {
    const std::string from = pick();
    if (one_of(30) == 0) {
      const Handle group = own(H5Gcreate2(file_, "/many", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
      for (int i = 0; i < 300; ++i) {
        H5Lcreate_hard(file_, from.c_str(), group.id(), std::to_string(i).c_str(), H5P_DEFAULT, H5P_DEFAULT);
      }
      H5Lmove(file_, "/many", file_, new_place().c_str(), H5P_DEFAULT, H5P_DEFAULT);
      return;
    }
    H5Ocopy(file_, from.c_str(), file_, new_place().c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }

  Handle odd_type() {
    static const hid_t plain[] = {H5T_NATIVE_INT8, H5T_NATIVE_UINT8, H5T_NATIVE_INT16, H5T_STD_I32LE,
                                  H5T_STD_U32LE,   H5T_STD_I64LE,    H5T_STD_U64LE,    H5T_STD_I64BE,
                                  H5T_IEEE_F32LE,  H5T_IEEE_F64LE,   H5T_IEEE_F64BE,   H5T_NATIVE_LDOUBLE,
                                  H5T_STD_B8LE,    H5T_UNIX_D32LE,   H5T_C_S1,         H5T_STD_REF_OBJ};
    const hid_t base = plain[one_of(std::size(plain))];
    Handle type = own(H5Tcopy(base), H5Tclose);
    switch (one_of(9)) {
      case 0:
        type = own(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(type.id(), 1 + one_of(1 << one_of(17)));
        H5Tset_strpad(type.id(), static_cast<H5T_str_t>(one_of(3)));
        break;
      case 1:
        type = own(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(type.id(), H5T_VARIABLE);
        break;
      case 2:
        type = own(H5Tvlen_create(base), H5Tclose);
        break;
      case 3:
        type = own(H5Tcreate(H5T_COMPOUND, 24), H5Tclose);
        H5Tinsert(type.id(), "a", 0, base);
        break;
      case 4: {
        const hsize_t extents[] = {1 + one_of(5), 2};
        type = own(H5Tarray_create2(base, 2, extents), H5Tclose);
        break;
      }
      case 5:
        type = own(H5Tcreate(H5T_OPAQUE, 1 + one_of(100)), H5Tclose);
        break;
      default:
        break;
    }
    return type;
  }

  Extents odd_shape(Extents shape) {
    switch (one_of(8)) {
      case 0:
        return {};
      case 1:
        shape.insert(shape.begin(), 1 + one_of(3));
        return shape;
      case 2:
        std::reverse(shape.begin(), shape.end());
        return shape;
      case 3:
        if (!shape.empty()) shape.pop_back();
        return shape;
      case 4:
        return Extents(1 + one_of(32), 1);
      default:
        break;
    }
    if (shape.empty()) shape = {1};
    hsize_t& extent = shape[one_of(shape.size())];
    const hsize_t odd[] = {0,          1,       extent + 1,       extent - 1,
                           2 * extent, 1 << 20, hsize_t{1} << 32, hsize_t{1} << 62};
    extent = odd[one_of(std::size(odd))];
    return shape;
  }

  static Handle space_of(const Extents& shape) {
    if (shape.empty()) return own(H5Screate(H5S_SCALAR), H5Sclose);
    return own(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  }

  static Extents shape_of(hid_t space) {
    Extents shape(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
    if (!shape.empty()) H5Sget_simple_extent_dims(space, shape.data(), nullptr);
    return shape;
  }

  static bool plain_bytes(hid_t type) {
    return H5Tdetect_class(type, H5T_VLEN) <= 0 && H5Tdetect_class(type, H5T_REFERENCE) <= 0 &&
           H5Tis_variable_str(type) <= 0;
  }

  /// Bytes for a table or attribute, of zeros, text or odd numbers; none where nothing can be written.
  std::vector<char> odd_values(hid_t type, hid_t space) {
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const hsize_t bytes = H5Tget_size(type) * static_cast<hsize_t>(std::max<hssize_t>(0, count));
    if (!plain_bytes(type) || bytes > kMostWritten) return {};
    std::vector<char> values(static_cast<std::size_t>(bytes));
    const std::uint64_t manner = one_of(3);
    for (std::size_t i = 0; i < values.size(); i += 8) {
      const std::uint64_t number = manner == 0 ? 0 : manner == 1 ? one_of(4) : odd_number(draw_);
      for (std::size_t j = i; j < std::min(values.size(), i + 8); ++j) {
        values[j] = static_cast<char>(number >> (8 * (j - i)));
      }
    }
    return values;
  }

  Handle odd_storage(const Extents& shape) {
    Handle properties = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const bool chunked = !shape.empty() && one_of(2) == 0;
    if (chunked) {
      Extents chunk = shape;
      for (hsize_t& extent : chunk)
        extent = std::min<hsize_t>(std::max<hsize_t>(1, extent), 1 + one_of(1000));
      H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
      if (one_of(3) == 0) H5Pset_shuffle(properties.id());
      if (one_of(3) == 0) H5Pset_deflate(properties.id(), 1);
      if (one_of(5) == 0) H5Pset_fletcher32(properties.id());
      if (one_of(5) == 0) H5Pset_scaleoffset(properties.id(), H5Z_SO_INT, 0);
      if (one_of(5) == 0) H5Pset_nbit(properties.id());
      return properties;
    }
    switch (one_of(6)) {
      case 0:
        H5Pset_layout(properties.id(), H5D_COMPACT);
        break;
      case 1:
        H5Pset_external(properties.id(), "/dev/zero", 0, H5F_UNLIMITED);
        break;
      case 2: {
        const Handle space = space_of(shape);
        H5Pset_virtual(properties.id(), space.id(), ".", pick().c_str(), space.id());
        break;
      }
      default:
        H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_LATE);
    }
    return properties;
  }

  /// Another type, shape or storage in the place of an object; attributes are lost unless there were none.
  void remake(const std::string& object) {
    Handle type, space;
    {
      const Handle old = open(object);
      if (H5Iget_type(old.id()) == H5I_DATASET) {
        type = own(H5Dget_type(old.id()), H5Tclose);
        space = own(H5Dget_space(old.id()), H5Sclose);
      }
    }
    if (type.id() < 0 || one_of(3) == 0) type = odd_type();
    Extents shape = space.id() < 0 ? Extents{2} : shape_of(space.id());
    if (one_of(2) == 0) shape = odd_shape(shape);
    space = space_of(shape);
    const Handle properties = odd_storage(shape);
    H5Ldelete(file_, object.c_str(), H5P_DEFAULT);
    if (one_of(20) == 0) {
      H5Tcommit2(file_, object.c_str(), type.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      return;
    }
    const Handle table = own(
        H5Dcreate2(file_, object.c_str(), type.id(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
        H5Dclose);
    const std::vector<char> values = odd_values(type.id(), space.id());
    const bool elsewhere =
        H5Pget_layout(properties.id()) == H5D_VIRTUAL || H5Pget_external_count(properties.id()) > 0;
    if (table.id() >= 0 && !values.empty() && !elsewhere && one_of(4) != 0) {
      H5Dwrite(table.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
  }

  std::string attribute_of(hid_t object) {
    std::vector<std::string> names;
    H5Aiterate2(
        object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
        [](hid_t, const char* name, const H5A_info_t*, void* list) {
          static_cast<std::vector<std::string>*>(list)->push_back(name);
          return 0;
        },
        &names);
    return names.empty() ? "" : names[one_of(names.size())];
  }

  /// An object that has attributes, mostly.
  Handle bearer() {
    Handle object = open("/");
    for (int tries = 0; tries < 6; ++tries) {
      Handle next = open(pick());
      if (next.id() < 0 || attribute_of(next.id()).empty()) continue;
      object = std::move(next);
      break;
    }
    return object;
  }

  void change_attribute_list() {
    const Handle object = bearer();
    const std::string name = attribute_of(object.id());
    if (one_of(2) == 0) {
      H5Adelete(object.id(), name.c_str());
    } else {
      H5Arename(object.id(), name.c_str(), new_name().c_str());
    }
  }

  void remake_attribute() {
    const Handle object = bearer();
    const std::string name = one_of(6) == 0 ? new_name() : attribute_of(object.id());
    Handle type, space;
    {
      const Handle old = own(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
      if (old.id() >= 0) {
        type = own(H5Aget_type(old.id()), H5Tclose);
        space = own(H5Aget_space(old.id()), H5Sclose);
      }
    }
    if (type.id() < 0 || one_of(2) == 0) type = odd_type();
    Extents shape = space.id() < 0 ? Extents{} : shape_of(space.id());
    if (one_of(2) == 0) shape = odd_shape(shape);
    space = one_of(20) == 0 ? own(H5Screate(H5S_NULL), H5Sclose) : space_of(shape);
    H5Adelete(object.id(), name.c_str());
    const Handle made =
        own(H5Acreate2(object.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const std::vector<char> values = odd_values(type.id(), space.id());
    if (made.id() >= 0 && !values.empty()) H5Awrite(made.id(), type.id(), values.data());
  }

  /// A few elements or envelopes become odd.
  void spoil(std::vector<char>& values, hid_t type) {
    const std::size_t size = H5Tget_size(type);
    if (values.empty() || size == 0) return;
    const bool text = H5Tget_class(type) == H5T_STRING;
    for (std::uint64_t changes = 1 + one_of(3); changes > 0; --changes) {
      const std::size_t at = text ? one_of(values.size()) : one_of(values.size() / size) * size;
      const std::uint64_t number = one_of(3) == 0 ? odd_number(draw_) : one_of(5) - 1;
      const std::size_t count = text ? 1 : std::min<std::size_t>(size, 8);
      for (std::size_t j = 0; j < count; ++j) values[at + j] = static_cast<char>(number >> (8 * j));
    }
  }

  void values_of_table() {
    Handle table;
    for (int tries = 0; tries < 6 && H5Iget_type(table.id()) != H5I_DATASET; ++tries) table = open(pick());
    if (H5Iget_type(table.id()) != H5I_DATASET) return;
    const Handle type = own(H5Dget_type(table.id()), H5Tclose),
                 space = own(H5Dget_space(table.id()), H5Sclose);
    std::vector<char> values = odd_values(type.id(), space.id());
    if (values.empty()) return;
    H5Dread(table.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    spoil(values, type.id());
    H5Dwrite(table.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }

  void values_of_attribute() {
    const Handle object = bearer();
    const Handle attribute =
        own(H5Aopen(object.id(), attribute_of(object.id()).c_str(), H5P_DEFAULT), H5Aclose);
    if (attribute.id() < 0) return;
    const Handle type = own(H5Aget_type(attribute.id()), H5Tclose);
    const Handle space = own(H5Aget_space(attribute.id()), H5Sclose);
    std::vector<char> values = odd_values(type.id(), space.id());
    if (values.empty()) return;
    H5Aread(attribute.id(), type.id(), values.data());
    spoil(values, type.id());
    H5Awrite(attribute.id(), type.id(), values.data());
  }

  hid_t file_;
  RandomStream& draw_;
  std::vector<std::string> objects_;
};

}  // namespace

void mutate_hdf5(const std::string& path, RandomStream& draw) {
  hdf5::silence_library();
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  if (file.id() < 0) return;
  for (std::uint64_t changes = 1 + draw.below(4); changes > 0; --changes) Mutation(file.id(), draw).change();
}

}  // namespace deepfog::fuzz
