#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "topology/topology.hpp"

namespace deepfog {

/// How the vectors of a hyperconnection are encoded in messages. `floats`: 4 bytes per value. `signs`: one
/// bit per value, rows packed without gaps. `verdict`: only the last column of an exit's output, one bit per
/// row. If rows may have left at an exit (`partial`), one bit per row says which rows are present, and only
/// these follow, in the given encoding.
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

/// Whether the code stands for a form.
bool is_form(std::uint16_t code);
VectorForm form_of_code(std::uint16_t code);

/// Encoded bytes of `rows` rows, `travelling` of which are present.
std::size_t payload_bytes(VectorForm form, std::int64_t rows, std::int64_t travelling, std::int64_t columns);

/// Number of rows that are present: those not marked absent (models/exit_rows.hpp) if the form is partial,
/// else all.
std::int64_t travelling_rows(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns);

/// Appends the encoded `values`, [rows, columns], to `bytes`.
void encode_values(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns,
                   std::vector<char>& bytes);

/// Whether the size is right for these rows. Check this before decode_values().
bool fits(VectorForm form, const char* payload, std::size_t bytes, std::int64_t rows, std::int64_t columns);

/// Returns [rows, columns]: absent rows are NaN; of a verdict, all columns but the last are 0.
std::vector<float> decode_values(VectorForm form, const char* payload, std::int64_t rows,
                                 std::int64_t columns);

}  // namespace deepfog
