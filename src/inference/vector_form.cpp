#include "inference/vector_form.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/sign_bits.hpp"

namespace deepfog {
namespace {

using Values = VectorForm::Values;

bool is_there(const std::uint8_t* bitmap, std::int64_t row) {
  return (bitmap[row / 8] >> (row % 8) & 1) != 0;
}

const std::uint8_t* bytes_at(const char* payload) {
  return reinterpret_cast<const std::uint8_t*>(payload);
}

void append(std::vector<char>& bytes, const void* data, std::size_t size) {
  const char* begin = static_cast<const char*>(data);
  bytes.insert(bytes.end(), begin, begin + size);
}

void append_signs(std::vector<char>& bytes, const float* values, std::int64_t count) {
  const std::size_t at = bytes.size();
  bytes.resize(at + static_cast<std::size_t>(sign_bytes(count)));
  pack_signs(values, count, reinterpret_cast<std::uint8_t*>(bytes.data() + at));
}

/// The rows that are present, without gaps.
std::vector<float> compact(const float* values, std::int64_t rows, std::int64_t columns) {
  std::vector<float> packed;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* from = values + row * columns;
    if (!std::isnan(*from)) packed.insert(packed.end(), from, from + columns);
  }
  return packed;
}

}  // namespace

VectorForm form_of(const Hyperconnection& link) {
  VectorForm form;
  if (link.verdict) {
    form.values = Values::verdict;  // never partial: a row that left at an earlier exit has the verdict
                                    // "left"
  } else {
    form.values = link.binary ? Values::signs : Values::floats;
    form.partial = link.partial;
  }
  return form;
}

bool is_form(std::uint16_t code) {
  return code <= 2 || code == 4 || code == 5;
}

VectorForm form_of_code(std::uint16_t code) {
  return {static_cast<Values>(code & 3), code >= 4};
}

std::size_t payload_bytes(VectorForm form, std::int64_t rows, std::int64_t travelling, std::int64_t columns) {
  if (form.values == Values::verdict) return static_cast<std::size_t>(sign_bytes(rows));
  const std::int64_t bitmap = form.partial ? sign_bytes(rows) : 0, values = travelling * columns;
  const bool bits = form.values == Values::signs;
  return static_cast<std::size_t>(bitmap +
                                  (bits ? sign_bytes(values) : values * std::int64_t{sizeof(float)}));
}

std::int64_t travelling_rows(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns) {
  if (!form.partial) return rows;
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < rows; ++row) count += std::isnan(values[row * columns]) ? 0 : 1;
  return count;
}

void encode_values(VectorForm form, const float* values, std::int64_t rows, std::int64_t columns,
                   std::vector<char>& bytes) {
  if (form.plain()) return append(bytes, values, static_cast<std::size_t>(rows * columns) * sizeof(float));
  if (form.values == Values::verdict) {
    std::vector<float> leaves;
    for (std::int64_t row = 0; row < rows; ++row) {
      const float verdict = values[row * columns + columns - 1];
      leaves.push_back(verdict == 0 ? -1.0F : 1.0F);
    }
    return append_signs(bytes, leaves.data(), rows);
  }
  std::vector<float> packed;
  if (form.partial) {
    std::vector<float> there;
    for (std::int64_t row = 0; row < rows; ++row)
      there.push_back(std::isnan(values[row * columns]) ? -1.0F : 1.0F);
    append_signs(bytes, there.data(), rows);
    packed = compact(values, rows, columns);
    values = packed.data();
    rows = static_cast<std::int64_t>(packed.size()) / columns;
  }
  if (form.values == Values::signs) return append_signs(bytes, values, rows * columns);
  append(bytes, values, static_cast<std::size_t>(rows * columns) * sizeof(float));
}

bool fits(VectorForm form, const char* payload, std::size_t bytes, std::int64_t rows, std::int64_t columns) {
  constexpr double most = 1e15;  // keeps the products below from overflowing
  if (static_cast<double>(rows) * static_cast<double>(columns) > most) return false;
  std::int64_t travelling = rows;
  if (form.partial && form.values != Values::verdict) {
    const std::int64_t bitmap = sign_bytes(rows);
    if (bytes < static_cast<std::size_t>(bitmap)) return false;
    travelling = 0;
    for (std::int64_t row = 0; row < rows; ++row) travelling += is_there(bytes_at(payload), row) ? 1 : 0;
  }
  return bytes == payload_bytes(form, rows, travelling, columns);
}

std::vector<float> decode_values(VectorForm form, const char* payload, std::int64_t rows,
                                 std::int64_t columns) {
  std::vector<float> values(static_cast<std::size_t>(rows * columns), 0.0F);
  if (form.values == Values::verdict) {
    for (std::int64_t row = 0; row < rows; ++row)
      values[static_cast<std::size_t>((row + 1) * columns - 1)] =
          is_there(bytes_at(payload), row) ? 1.0F : 0.0F;
    return values;
  }
  const std::uint8_t* bitmap = form.partial ? bytes_at(payload) : nullptr;
  const char* data = payload + (form.partial ? sign_bytes(rows) : 0);
  std::int64_t travelling = 0;
  for (std::int64_t row = 0; row < rows; ++row)
    travelling += bitmap == nullptr || is_there(bitmap, row) ? 1 : 0;
  std::vector<float> packed(static_cast<std::size_t>(travelling * columns));
  if (form.values == Values::signs) {
    unpack_signs(bytes_at(data), travelling * columns, packed.data());
  } else if (!packed.empty()) {
    std::memcpy(packed.data(), data, packed.size() * sizeof(float));
  }
  const float* next = packed.data();
  for (std::int64_t row = 0; row < rows; ++row) {
    float* to = values.data() + row * columns;
    if (bitmap == nullptr || is_there(bitmap, row)) {
      std::memcpy(to, next, static_cast<std::size_t>(columns) * sizeof(float));
      next += columns;
    } else {
      for (std::int64_t c = 0; c < columns; ++c) to[c] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return values;
}

}  // namespace deepfog
