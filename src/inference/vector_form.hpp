#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// How the vectors of a hyperconnection lie on the wire. `floats`: 4 bytes a value. `signs`: a bit a value,
/// one row right behind the other. `verdict`: of an exit's output the last column alone, a bit a row. Where
/// rows may have left at an exit, a bit a row says which travel, and these alone follow, whatever the form.
struct VectorForm {
  enum class Values : std::uint8_t { floats, signs, verdict };
  Values values = Values::floats;
  bool partial = false;

  bool plain() const { return values == Values::floats && !partial; }
  std::uint16_t code() const {
    return static_cast<std::uint16_t>(static_cast<int>(values) + (partial ? 4 : 0));
  }
  bool operator==(const VectorForm& other) const { return code() == other.code(); }
};

VectorForm form_of(const Hyperconnection& link);

/// Code of a form that there is.
bool is_form(std::uint16_t code);
VectorForm form_of_code(std::uint16_t code);

/// Bytes of `rows` rows, `travelling` of which are there.
std::size_t payload_bytes(VectorForm form, std::int64_t rows, std::int64_t travelling, std::int64_t columns);

/// Rows that are there: not absent (models/exit_rows.hpp), or all.
std::int64_t travelling_rows(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns);

/// Appends; `values` [rows, columns].
void encode_values(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns,
                   std::vector<char>& bytes);

/// The size is right for these rows: to be asked before decode_values().
bool fits(VectorForm form, const char* payload, std::size_t bytes, std::int64_t rows, std::int64_t columns);

/// [rows, columns]: absent rows are NaN; of a verdict all but the last column are 0.
std::vector<float> decode_values(VectorForm form, const char* payload, std::int64_t rows,
                                 std::int64_t columns);

}  // namespace deepfog
