#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Private to this room: handles that close themselves and statuses that are always read.
namespace deepfog::hdf5 {

/// Owns one identifier of the library.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  hid_t id() const { return id_; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Whose fault a failing call is: of the file that was given to us (UserError), or of the machine (Failure).
enum class Blame { file, machine };
struct Place {
  Blame blame = Blame::file;
  std::string where;  ///< "file:object"
};

/// The library prints its error stack on stderr unless told not to (once a thread).
void silence_library();
/// The most specific line of the library's error stack, on one line.
std::string last_error();
[[noreturn]] void raise(const Place& place, const std::string& what);

/// Status of a call: throws with the library's own reason. Returns the value for calls that count.
template <class Status>
Status check(Status status, const Place& place) {
  if (status < 0) raise(place, last_error());
  return status;
}
inline Handle own(hid_t id, Handle::Close close, const Place& place) {
  return Handle(check(id, place), close);
}

using Shape = std::vector<std::int64_t>;
std::string format_shape(const Shape& shape);  ///< "[10, 256]", "a scalar"

/// Element types of our files.
enum class Type { string, int64, int32, uint64, uint8, float32, float64, other };
Type type_of(hid_t type);
std::string type_name(hid_t type);  ///< for messages, also of types we do not accept
std::string type_name(Type type);

template <class T>
struct Element;
template <>
struct Element<std::int64_t> {
  static constexpr Type type = Type::int64;
  static hid_t native() { return H5T_NATIVE_INT64; }
  static hid_t stored() { return H5T_STD_I64LE; }
};
template <>
struct Element<std::int32_t> {
  static constexpr Type type = Type::int32;
  static hid_t native() { return H5T_NATIVE_INT32; }
  static hid_t stored() { return H5T_STD_I32LE; }
};
template <>
struct Element<std::uint64_t> {
  static constexpr Type type = Type::uint64;
  static hid_t native() { return H5T_NATIVE_UINT64; }
  static hid_t stored() { return H5T_STD_U64LE; }
};
template <>
struct Element<std::uint8_t> {
  static constexpr Type type = Type::uint8;
  static hid_t native() { return H5T_NATIVE_UINT8; }
  static hid_t stored() { return H5T_STD_U8LE; }
};
template <>
struct Element<float> {
  static constexpr Type type = Type::float32;
  static hid_t native() { return H5T_NATIVE_FLOAT; }
  static hid_t stored() { return H5T_IEEE_F32LE; }
};
template <>
struct Element<double> {
  static constexpr Type type = Type::float64;
  static hid_t native() { return H5T_NATIVE_DOUBLE; }
  static hid_t stored() { return H5T_IEEE_F64LE; }
};

/// A fixed-length, null-padded string type, as numpy's S.
Handle string_type(std::size_t length, const Place& place);

}  // namespace deepfog::hdf5
