#include "storage/hdf5.hpp"

#include "core/error.hpp"

namespace deepfog::hdf5 {
namespace {

herr_t keep_first(unsigned, const H5E_error2_t* entry, void* text) {
  auto& first = *static_cast<std::string*>(text);
  if (first.empty() && entry->desc != nullptr) first = entry->desc;
  return 0;
}

/// Either byte order, but no other layout of as many bytes.
bool is_either(hid_t type, hid_t little_endian, hid_t big_endian) {
  return H5Tequal(type, little_endian) > 0 || H5Tequal(type, big_endian) > 0;
}

}  // namespace

void silence_library() {
  thread_local const herr_t status = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (status < 0) throw Failure("HDF5: cannot turn off its error printing");
}

std::string last_error() {
  std::string text;
  if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text) < 0 || text.empty())
    text = "unknown HDF5 error";
  for (char& letter : text) {
    if (letter == '\n' || letter == '\r') letter = ' ';
  }
  return text;
}

void raise(const Place& place, const std::string& what) {
  if (place.blame == Blame::file) throw UserError(place.where, "cannot be read: " + what);
  throw Failure(place.where + ": " + what);
}

std::string format_shape(const Shape& shape) {
  if (shape.empty()) return "a scalar";
  std::string text = "[";
  for (const std::int64_t extent : shape) {
    if (text.size() > 1) text += ", ";
    text += extent < 0 ? "any" : std::to_string(extent);
  }
  return text + "]";
}

Type type_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return H5Tis_variable_str(type) == 0 ? Type::string : Type::other;
    case H5T_INTEGER:
      if (is_either(type, H5T_STD_I64LE, H5T_STD_I64BE)) return Type::int64;
      if (is_either(type, H5T_STD_I32LE, H5T_STD_I32BE)) return Type::int32;
      if (is_either(type, H5T_STD_U64LE, H5T_STD_U64BE)) return Type::uint64;
      return is_either(type, H5T_STD_U8LE, H5T_STD_U8BE) ? Type::uint8 : Type::other;
    case H5T_FLOAT:
      if (is_either(type, H5T_IEEE_F32LE, H5T_IEEE_F32BE)) return Type::float32;
      return is_either(type, H5T_IEEE_F64LE, H5T_IEEE_F64BE) ? Type::float64 : Type::other;
    default:
      return Type::other;
  }
}

std::string type_name(Type type) {
  switch (type) {
    case Type::string:
      return "fixed-length string";
    case Type::int64:
      return "int64";
    case Type::int32:
      return "int32";
    case Type::uint64:
      return "uint64";
    case Type::uint8:
      return "uint8";
    case Type::float32:
      return "float32";
    case Type::float64:
      return "float64";
    case Type::other:
      break;
  }
  return "another type";
}

std::string type_name(hid_t type) {
  const std::string unusual = type_of(type) == Type::other ? " of unusual size or layout" : "";
  const std::string bits = std::to_string(8 * H5Tget_size(type)) + unusual;
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return H5Tis_variable_str(type) == 0 ? "fixed-length string" : "variable-length string";
    case H5T_INTEGER:
      return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
    case H5T_FLOAT:
      return "float" + bits;
    case H5T_COMPOUND:
      return "compound";
    case H5T_ENUM:
      return "enumeration";
    default:
      return "another type";
  }
}

Handle string_type(std::size_t length, const Place& place) {
  Handle type = own(H5Tcopy(H5T_C_S1), H5Tclose, place);
  check(H5Tset_size(type.id(), length == 0 ? 1 : length), place);  // HDF5 knows no string of length 0
  check(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), place);
  return type;
}

}  // namespace deepfog::hdf5
